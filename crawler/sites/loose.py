"""Reading values whose type a site does not keep to: `"0"` or 0, a string or an object, absent or null."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

_INT4 = 2**31 - 1  # what an Integer column of Postgres holds


_MAY_BE_UNCLEAN = (b"\\u0000", b"\\ud", b"\\uD", b"\xed")
"""How JSON writes NUL and the halves of surrogate pairs: as escapes, or as the bytes that UTF-8 has no use for.

Whole pairs and Hangul are written so too; most answers of 500 photos hold none of them.
"""


def load_json(body: bytes) -> Any:
    """Return the JSON value of `body`, its texts and keys as `clean_text` makes them; raise ValueError.

    That is for what is cut off, not UTF-8, or nested without end.
    """
    try:
        value = json.loads(body, parse_constant=lambda _: None)  # NaN and Infinity are no JSON to Postgres
        # UTF-16 and UTF-32, which nobody sends, begin with a NUL or a byte order mark.
        is_utf8 = b"\0" not in body[:4] and body[:1] not in (b"\xff", b"\xfe")
        return value if is_utf8 and not any(sign in body for sign in _MAY_BE_UNCLEAN) else clean_json(value)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def to_text(value: object) -> str | None:
    """Return a text from a string, number or `{"_content": text}`; None for what is empty or no text."""
    if isinstance(value, str):
        return clean_text(value) or None
    if isinstance(value, Mapping):
        value = value.get("_content")
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    return clean_text(str(value)) or None


def to_int(value: object) -> int | None:
    """Return a whole number from 7, "7" or 7.0 that a column can hold; None for anything else."""
    if isinstance(value, bool):
        return int(value)
    try:
        number = int(value) if isinstance(value, str | int | float) else None
    except (ValueError, OverflowError):
        return None
    return number if number is not None and abs(number) <= _INT4 else None


def to_bool(value: object) -> bool | None:
    """Return a truth value from 1, "1", True and their opposites; None for anything else."""
    number = to_int(value)
    return bool(number) if number in (0, 1) else None


def to_seconds(value: object) -> int | None:
    """Return Unix seconds; None for zero, for what is before 1970 and for what is no time of this calendar."""
    instant = to_instant(value)
    return int(instant.timestamp()) if instant is not None else None


def to_instant(value: object) -> datetime | None:
    """Return the UTC time of Unix seconds; None for zero, for what is before 1970 and for what is no number."""
    try:
        seconds = int(value) if isinstance(value, str | int | float) else 0
        return datetime.fromtimestamp(seconds, UTC) if seconds > 0 else None
    except (ValueError, OverflowError, OSError):
        return None


def clean_text(text: str) -> str:
    """Return `text` less what Postgres refuses: NUL characters, and halves of surrogate pairs (now U+FFFD)."""
    if text.isascii():
        return text.replace("\x00", "") if "\x00" in text else text
    return text.replace("\x00", "").encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean_json(value: Any) -> Any:
    """Return a JSON value with all of its texts, keys included, through `clean_text`."""
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, dict):  # what json makes of an object; asking for a Mapping takes ten times as long
        return {clean_text(key): clean_json(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [clean_json(inner) for inner in value]
    return value
