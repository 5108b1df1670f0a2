"""Migrations lead from nothing to the models, on both databases, however they are started."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, inspect, text

from agegap.errors import CatalogUnreachable
from db.migrate import configuration, migrating, upgrade
from db.models import Base, Face, Photo
from db.session import connect, open_catalog
from tests.db.rows import face_row, insert, photo_row

ROOT = Path(__file__).resolve().parents[2]


def _alembic(*arguments: str, url: str, monkeypatch: pytest.MonkeyPatch) -> subprocess.CompletedProcess[str]:
    monkeypatch.setenv("AGEGAP_CATALOG", url)
    return subprocess.run(
        [sys.executable, "-m", "alembic", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def test_the_migrations_make_the_tables_of_the_models(catalog: Engine) -> None:
    with catalog.connect() as connection:
        assert compare_metadata(MigrationContext.configure(connection), Base.metadata) == []


def test_alembic_by_hand_upgrades_and_then_finds_nothing_to_do(
    catalog_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    upgraded = _alembic("upgrade", "head", url=catalog_url, monkeypatch=monkeypatch)
    assert upgraded.returncode == 0, upgraded.stderr
    checked = _alembic("check", url=catalog_url, monkeypatch=monkeypatch)
    assert checked.returncode == 0, checked.stdout + checked.stderr
    assert "No new upgrade operations" in checked.stdout


def test_alembic_by_hand_says_in_one_sentence_that_there_is_no_catalog(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = _alembic("upgrade", "head", url="mysql://me:secret@host/x", monkeypatch=monkeypatch)
    assert refused.returncode == 2
    assert refused.stderr.startswith("alembic: catalog mysql://me:***@host/x: agegap works with sqlite and postgresql")
    assert refused.stderr.count("\n") == 1


def test_alembic_prints_the_sql_without_a_database(monkeypatch: pytest.MonkeyPatch) -> None:
    url = "postgresql://nobody@192.0.2.1/nowhere"
    printed = _alembic("upgrade", "head", "--sql", url=url, monkeypatch=monkeypatch)
    assert printed.returncode == 0, printed.stderr
    assert "CREATE TABLE face (" in printed.stdout


def test_a_catalog_can_be_taken_back_to_nothing_and_up_again(catalog: Engine) -> None:
    config = configuration()
    with migrating(catalog) as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "base")
    assert set(inspect(catalog).get_table_names()) == {"alembic_version"}
    upgrade(catalog)
    assert set(Base.metadata.tables) < set(inspect(catalog).get_table_names())


def test_there_is_one_head() -> None:
    assert len(ScriptDirectory.from_config(configuration()).get_heads()) == 1


def test_a_second_opening_keeps_the_rows(catalog_url: str) -> None:
    for number in range(2):
        engine = open_catalog(catalog_url)
        with engine.begin() as connection:
            insert(connection, Photo, photo_row(str(number)))
            assert connection.execute(text("select count(*) from photo")).scalar_one() == number + 1
        engine.dispose()


def test_a_migration_that_fails_half_way_leaves_nothing(catalog_url: str) -> None:
    """As a kill does: the transaction is not committed."""
    engine = connect(catalog_url)
    with pytest.raises(ZeroDivisionError), migrating(engine) as connection:
        connection.exec_driver_sql("CREATE TABLE half (id INTEGER PRIMARY KEY)")
        connection.exec_driver_sql("INSERT INTO half VALUES (1)")
        raise ZeroDivisionError
    assert inspect(engine).get_table_names() == []
    upgrade(engine)
    engine.dispose()


def test_rebuilding_a_parent_table_keeps_its_children(sqlite_catalog: Engine) -> None:
    """A batch migration on SQLite copies, drops and renames; with foreign keys on, the drop would delete the faces."""
    with sqlite_catalog.begin() as connection:
        insert(connection, Photo, photo_row("a", id=1))
        insert(connection, Face, face_row(1))
    with migrating(sqlite_catalog) as connection:
        connection.exec_driver_sql("CREATE TABLE new_photo AS SELECT * FROM photo")
        connection.exec_driver_sql("DROP TABLE photo")
        connection.exec_driver_sql("ALTER TABLE new_photo RENAME TO photo")
        connection.exec_driver_sql("CREATE UNIQUE INDEX photo_id ON photo (id)")
    with sqlite_catalog.connect() as connection:
        assert connection.execute(text("select count(*) from face")).scalar_one() == 1
        assert connection.exec_driver_sql("PRAGMA foreign_keys").scalar_one() == 1


def test_a_migration_that_breaks_references_is_not_committed(sqlite_catalog: Engine) -> None:
    with sqlite_catalog.begin() as connection:
        insert(connection, Photo, photo_row("a", id=1))
        insert(connection, Face, face_row(1))
    with pytest.raises(RuntimeError, match="broke 1 references"), migrating(sqlite_catalog) as connection:
        connection.exec_driver_sql("DELETE FROM photo")
    with sqlite_catalog.connect() as connection:
        assert connection.execute(text("select count(*) from photo")).scalar_one() == 1


def test_a_catalog_of_a_newer_agegap_is_refused_and_left_alone(catalog: Engine) -> None:
    with catalog.begin() as connection:
        connection.execute(text("update alembic_version set version_num = '9999'"))
    with pytest.raises(CatalogUnreachable, match="newer agegap"):
        upgrade(catalog)
    with catalog.connect() as connection:
        assert connection.execute(text("select version_num from alembic_version")).scalars().all() == ["9999"]


def test_a_database_of_another_program_is_refused_and_left_alone(catalog_url: str) -> None:
    engine = connect(catalog_url)
    with engine.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE photo (album INTEGER)")
    with pytest.raises(CatalogUnreachable, match="table 'photo' of another program"):
        upgrade(engine)
    assert inspect(engine).get_table_names() == ["photo"]
    engine.dispose()
