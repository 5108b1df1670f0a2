"""Whether a catalog is at the newest schema, without Alembic, whose import would cost every command 0.3 s."""

import re
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

_VERSIONS = Path(__file__).parent / "migrations" / "versions"
_NAME = re.compile(r"v(\d{4})_\w+\.py")


def newest_revision() -> str:
    """Return the revision of the last migration; the files are named by revision and the revisions count up."""
    return max(match[1] for path in _VERSIONS.iterdir() if (match := _NAME.fullmatch(path.name)))


def is_newest(engine: Engine) -> bool:
    """Say whether the catalog behind `engine` needs no migration; False too where it cannot be read."""
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql("select version_num from alembic_version").scalars().all()
    except DBAPIError:
        return False
    return found == [newest_revision()]
