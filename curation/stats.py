"""`curate stats` behind its flags."""

from typing import Any

from sqlalchemy import Engine

from db.statistics import count_all


def catalog_statistics(engine: Engine) -> dict[str, Any]:
    """Return every count of the catalog, JSON-ready, read in one transaction."""
    with engine.connect() as connection:
        return count_all(connection).as_result()
