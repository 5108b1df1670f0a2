"""The newest revision is known without Alembic, and is the one Alembic knows."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

from db.head import is_newest, newest_revision
from db.migrate import configuration
from db.session import connect, open_catalog

ROOT = Path(__file__).resolve().parents[2]


def test_the_newest_revision_is_alembics_head() -> None:
    assert newest_revision() == ScriptDirectory.from_config(configuration()).get_current_head()


def test_a_fresh_catalog_is_newest_and_an_empty_or_older_one_is_not(catalog: Engine, catalog_url: str) -> None:
    assert is_newest(catalog)
    with catalog.begin() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '0001'")
    assert not is_newest(catalog)


def test_an_empty_database_is_not_newest(catalog_url: str) -> None:
    engine = connect(catalog_url)
    assert not is_newest(engine)
    engine.dispose()


@pytest.mark.parametrize("is_second", [False, True])
def test_opening_a_catalog_again_imports_no_alembic(tmp_path: Path, is_second: bool) -> None:
    url = f"sqlite:///{tmp_path / 'catalog.db'}"
    if is_second:
        open_catalog(url).dispose()
    code = "import sys; from db.session import open_catalog; open_catalog(sys.argv[1]); print('alembic' in sys.modules)"
    said = subprocess.run([sys.executable, "-c", code, url], cwd=ROOT, capture_output=True, text=True, check=True)
    assert said.stdout.strip() == str(not is_second)
