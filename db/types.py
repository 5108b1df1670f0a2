"""Column types that make SQLite and Postgres give the same values back."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Integer, Text
from sqlalchemy.types import TypeDecorator

# SQLite numbers rows by itself only in a column of the exact type INTEGER.
RowId = BigInteger().with_variant(Integer(), "sqlite")


class UtcTime(TypeDecorator[datetime]):
    """An instant in UTC: `datetime` with its zone on both databases, where plain SQLite would lose the zone.

    A value without a zone is taken as UTC.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert to UTC before writing."""
        return None if value is None else _in_utc(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """Give the zone back after reading."""
        return None if value is None else _in_utc(value)


class SiteText(TypeDecorator[str]):
    """Text as a site wrote it, less the two things Postgres refuses: NUL characters and lone surrogates."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Drop NULs and put U+FFFD for half a surrogate pair."""
        if value is None:
            return None
        return value.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
