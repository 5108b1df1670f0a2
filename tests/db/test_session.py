"""Opening a catalog: set up right, refused in one sentence, safe from several processes at once."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine, inspect, text
from sqlalchemy.exc import IntegrityError

from agegap.errors import CatalogFailed, CatalogUnreachable
from db.models import Base, Photo
from db.session import connect, open_catalog, parse_catalog_url, safe_url
from tests.db.rows import insert, photo_row

ROOT = Path(__file__).resolve().parents[2]

_OPEN_AND_WRITE = """
import sys
from sqlalchemy import text
from db.session import open_catalog
print("ready", flush=True)
sys.stdin.readline()
engine = open_catalog(sys.argv[1])
with engine.begin() as connection:
    connection.execute(
        text("insert into subject (name, display_name, created_at) values (:name, :name, '2026-01-01 00:00:00')"),
        {"name": sys.argv[2]},
    )
"""


def test_processes_that_open_a_fresh_catalog_at_once_all_succeed(catalog_url: str) -> None:
    """They import first, wait, and start at one word: the race is about the database, not about Python."""
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    workers = [
        subprocess.Popen(
            [sys.executable, "-c", _OPEN_AND_WRITE, catalog_url, f"worker {n}"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            text=True,
        )
        for n in range(4)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()
    faults = [worker.communicate()[1] for worker in workers]
    assert faults == [""] * 4
    engine = open_catalog(catalog_url)
    with engine.connect() as connection:
        names = connection.execute(text("select name from subject order by name")).scalars().all()
        assert connection.execute(text("select count(*) from alembic_version")).scalar_one() == 1
    engine.dispose()
    assert names == [f"worker {n}" for n in range(4)]


def test_sqlite_is_in_wal_mode_with_foreign_keys_and_a_patient_lock(sqlite_catalog: Engine) -> None:
    with sqlite_catalog.connect() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 30_000}


def test_the_folder_of_an_sqlite_catalog_is_made(tmp_path: Path) -> None:
    open_catalog(f"sqlite:///{tmp_path}/new/folder/catalog.db").dispose()
    assert (tmp_path / "new" / "folder" / "catalog.db").is_file()


def test_a_catalog_in_memory_has_its_tables() -> None:
    engine = open_catalog("sqlite://")
    assert set(Base.metadata.tables) < set(inspect(engine).get_table_names())


def test_the_catalog_is_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEGAP_CATALOG", f"sqlite:///{tmp_path / 'mine.db'}")
    open_catalog().dispose()
    assert (tmp_path / "mine.db").is_file()


def test_an_up_to_date_catalog_opens_while_another_process_writes(tmp_path: Path) -> None:
    """Reading commands must not wait for the lock a crawl holds."""
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    writer = open_catalog(url)
    with writer.connect() as connection:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
        reader = open_catalog(url)
        reader.dispose()
        connection.rollback()
    writer.dispose()


def test_a_transaction_that_has_read_may_write_though_another_wrote_meanwhile(catalog: Engine) -> None:
    """With an explicit BEGIN at the first read, SQLite would refuse the write at once: "database is locked"."""
    with catalog.begin() as first:
        assert first.execute(text("select count(*) from photo")).scalar_one() == 0
        with catalog.begin() as second:
            insert(second, Photo, photo_row("b"))
        insert(first, Photo, photo_row("a"))
    with catalog.connect() as connection:
        assert connection.execute(text("select count(*) from photo")).scalar_one() == 2


def _file_that_is_no_database(folder: Path) -> str:
    (folder / "notes.txt").write_text("not a database, though long enough to be looked at " * 40)
    return f"sqlite:///{folder / 'notes.txt'}"


@pytest.mark.parametrize(
    ("url_in", "words"),
    [
        pytest.param(lambda _: "notaurl", "not a database URL", id="no URL"),
        pytest.param(lambda _: "postgresql://me@host:port/x", "not a database URL", id="a port that is no number"),
        pytest.param(lambda _: "mysql://me@host/x", "sqlite and postgresql, not 'mysql'", id="another database"),
        pytest.param(lambda _: "postgresql+asyncpg://me@host/x", "not 'postgresql\\+asyncpg'", id="another driver"),
        pytest.param(lambda _: "sqlite:////proc/x.db", "unable to open", id="a folder that takes no files"),
        pytest.param(lambda _: "sqlite:////proc/a/x.db", "/proc/a cannot be made", id="a folder that cannot be made"),
        pytest.param(lambda folder: f"sqlite:///{folder}", "is a folder", id="a folder"),
        pytest.param(_file_that_is_no_database, "not a database", id="a file that is no database"),
        pytest.param(lambda _: "sqlite://host/x.db", "not a database URL", id="a host in an SQLite URL"),
        pytest.param(lambda folder: f"sqlite:///{folder}/x.db?timeout=soon", "not a database URL", id="a wrong option"),
        pytest.param(lambda folder: f"sqlite:///{folder}/a\x00b", "not a", id="a NUL in the name"),
    ],
)
def test_a_catalog_that_cannot_be_is_refused_in_one_sentence(
    url_in: Callable[[Path], str], words: str, tmp_path: Path
) -> None:
    with pytest.raises(CatalogUnreachable, match=words) as refused:
        open_catalog(url_in(tmp_path))
    assert refused.value.exit_code == 2
    assert "\n" not in str(refused.value)


def test_a_read_only_database_that_is_not_a_catalog_is_refused(tmp_path: Path) -> None:
    """Not by file permissions, which do not bind root."""
    path = tmp_path / "old.db"
    connect(f"sqlite:///{path}").dispose()
    with pytest.raises(CatalogUnreachable, match="readonly"):
        open_catalog(f"sqlite:///file:{path}?mode=ro&uri=true")


def test_a_read_only_catalog_can_be_read_and_a_write_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "catalog.db"
    open_catalog(f"sqlite:///{path}").dispose()
    engine = open_catalog(f"sqlite:///file:{path}?mode=ro&uri=true")
    with engine.connect() as connection:
        assert connection.execute(text("select count(*) from photo")).scalar_one() == 0
    with pytest.raises(CatalogFailed, match="readonly") as failed, engine.begin() as connection:
        insert(connection, Photo, photo_row("a"))
    assert failed.value.exit_code == 1
    assert "INSERT" not in str(failed.value)
    engine.dispose()


def test_errors_of_the_data_keep_their_own_type(catalog: Engine) -> None:
    with pytest.raises(IntegrityError), catalog.begin() as connection:
        insert(connection, Photo, [photo_row("a"), photo_row("a")])


def test_a_full_disk_is_one_sentence(tmp_path: Path) -> None:
    engine = open_catalog(f"sqlite:///{tmp_path / 'catalog.db'}")
    with pytest.raises(CatalogFailed, match="full"), engine.begin() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
        insert(connection, Photo, photo_row("a", description="x" * 100_000))
    engine.dispose()


def test_a_postgres_that_goes_away_is_one_sentence(postgres: URL) -> None:
    engine = open_catalog(postgres.render_as_string(hide_password=False))
    with pytest.raises(CatalogFailed, match="run the same command again"), engine.connect() as connection:
        connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
    engine.dispose()


def test_a_port_nobody_listens_on_is_refused_without_the_password() -> None:
    with socket.socket() as taken:  # bound and not listening: nobody else can take the port meanwhile
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(CatalogUnreachable, match="refused") as refused:
            open_catalog(f"postgresql://me:secret@127.0.0.1:{taken.getsockname()[1]}/x")
    assert "secret" not in str(refused.value)


def test_a_database_that_does_not_exist_is_refused(postgres: URL) -> None:
    with pytest.raises(CatalogUnreachable, match="does not exist"):
        open_catalog(postgres.set(database="nowhere").render_as_string(hide_password=False))


def test_a_missing_driver_is_named_with_its_remedy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)  # what Python does for a module that must not be found
    with pytest.raises(CatalogUnreachable, match="agegap\\[postgres\\]"):
        open_catalog("postgresql://me@host/x")


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("postgresql://me:secret@host/x", "postgresql://me:***@host/x"),
        ("postgres://me:secret@host/x", "postgresql://me:***@host/x"),
        ("postgresql+psycopg://host/x?password=secret", "postgresql://host/x?password=%2A%2A%2A"),
        ("sqlite:///data/catalog.db", "sqlite:///data/catalog.db"),
    ],
)
def test_a_url_is_told_without_its_password(typed: str, told: str) -> None:
    assert safe_url(parse_catalog_url(typed)) == told
