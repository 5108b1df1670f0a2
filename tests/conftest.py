"""Fixtures of all tests: fresh catalogs on both databases, and the research photos where they are."""

import itertools
import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy import URL, Engine

from db.session import open_catalog
from tests.postgres import fresh_database, postgres_server

ROOT = Path(__file__).resolve().parent.parent
_numbers = itertools.count(1)


@pytest.fixture(autouse=True)
def _own_surroundings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep the developer's own catalog, data folder, keys and settings out of every test."""
    for name in [name for name in os.environ if name.startswith("AGEGAP_") or name == "FLICKR_API_KEY"]:
        monkeypatch.delenv(name)


@pytest.fixture(autouse=True, scope="session")
def _ctrl_c_is_heard() -> None:
    """Hear SIGINT, and let the commands that tests start hear it: a shell ignores it for what it runs behind `&`."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[URL]:
    """The URL of a real Postgres server, one a test process."""
    with ExitStack() as stack:
        try:
            url = stack.enter_context(postgres_server())
        except Exception as fault:  # noqa: BLE001  whatever stops a foreign binary, the tests must say so and go on
            pytest.skip(f"Postgres cannot start here: {fault!r}")
        yield url


@pytest.fixture(params=["sqlite", "postgres"])
def catalog_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of a fresh, empty database; each test runs on SQLite and on Postgres."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'catalog.db'}"
        return
    server: URL = request.getfixturevalue("postgres")
    with fresh_database(server, f"test_{next(_numbers)}") as url:
        yield url


@pytest.fixture
def catalog(catalog_url: str) -> Iterator[Engine]:
    """An engine on a fresh, migrated catalog; each test runs on SQLite and on Postgres."""
    engine = open_catalog(catalog_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sqlite_catalog(tmp_path: Path) -> Iterator[Engine]:
    """An engine on a fresh, migrated catalog in an SQLite file."""
    engine = open_catalog(f"sqlite:///{tmp_path / 'catalog.db'}")
    yield engine
    engine.dispose()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of research photos beside the checkout; skips the test where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("needs the research photos in ../shared/data, which are not part of the project")
    return folder
