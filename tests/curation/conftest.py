"""Fixtures of several test modules of the curation."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from tests.curation.taken_down import fill_world


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """The data folder of the commands; it is not there yet."""
    return tmp_path / "data"


@pytest.fixture
def world(catalog: Engine, data: Path) -> Engine:
    """A catalog of three people with photos, files, pairs and exports, for takedowns."""
    fill_world(catalog, data)
    return catalog
