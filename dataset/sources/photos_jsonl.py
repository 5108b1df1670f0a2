"""`photos.jsonl`: one JSON object a line, beside the photos it tells about (docs/photosite.md lists the fields).

`file` is needed; `subject`, `age`, `taken_year` are what is known for sure, the rest is what a site would tell.
"""

import json
import math
import unicodedata
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from dataset.sources.records import MAX_AGE, Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_utf8

RECORDS_FILE = "photos.jsonl"
FIRST_PHOTO_YEAR = 1826
"""Niépce's view from the window: no photo is older."""

MAX_ID_LENGTH = 255
_GRANULARITIES = ("0", "4", "6", "8")  # second, month, year, circa: Flickr's numbers

_TEXTS = {
    "title": "title",
    "description": "description",
    "date_taken": "date_taken",
    "license": "licence",
    "owner": "owner_id",
    "ownername": "owner_name",
}
"""Fields that are copied as text, and the photo's column."""


class _BadLineError(Exception):
    def __init__(self, reason: SkipReason, detail: str) -> None:
        self.reason, self.detail = reason, detail
        super().__init__(detail)


def read_photos_jsonl(records: Path) -> Iterator[Item]:
    """Yield a record for each line of `records`; a line that cannot be used is skipped with its number and fault.

    Raises BadInputFile when the file is not UTF-8 text.
    """
    seen: set[str] = set()
    try:
        with records.open(encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                if not line.strip():
                    continue
                where = f"{records.name} line {number}"
                try:
                    record = _record(_object(line), records.parent)
                    if record.site_id in seen:
                        raise _BadLineError(SkipReason.DUPLICATE, f"tells again of {record.site_id}")
                except _BadLineError as fault:
                    yield Skipped(where, fault.reason, fault.detail)
                    continue
                seen.add(record.site_id)
                yield record
    except UnicodeDecodeError:
        raise BadInputFile(records, "is not UTF-8 text", "write one JSON object a line, in UTF-8") from None
    except OSError as fault:
        raise BadInputFile(records, f"cannot be read ({fault.strerror})", "give the right to read it") from None


def _object(line: str) -> Mapping[str, Any]:
    try:
        value = json.loads(line, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError):
        raise _BadLineError(SkipReason.BAD_RECORD, "is not JSON") from None
    if not isinstance(value, dict):
        raise _BadLineError(SkipReason.BAD_RECORD, "is not a JSON object")
    return value


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):  # Python's NaN and Infinity are no JSON, and a database refuses them
        raise ValueError(text)
    return number


def _record(fields: Mapping[str, Any], folder: Path) -> SourceRecord:
    file = fields.get("file")
    if not isinstance(file, str) or not file or "\x00" in file or not is_utf8(file):
        raise _BadLineError(SkipReason.BAD_RECORD, "has no field 'file' with the name of a photo")
    path = folder / file
    if not path.is_file():
        raise _BadLineError(SkipReason.MISSING_FILE, f"names {file}, which is not there")
    return SourceRecord(
        path=path,
        site_id=_site_id(fields.get("id"), file),
        subject=_subject(fields.get("subject")),
        age=_age(fields.get("age")),
        taken_year=_taken_year(fields.get("taken_year")),
        texts=_texts(fields) | {"file_name": path.name},
        extra=fields,
    )


def _site_id(value: object, file: str) -> str:
    if value is None:
        return file
    if isinstance(value, str | int) and not isinstance(value, bool) and str(value):
        return str(value)
    raise _BadLineError(SkipReason.BAD_RECORD, f"has an id that is neither text nor a number: {value!r}")


def _subject(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, str) and value.strip() and is_utf8(value):
        return unicodedata.normalize("NFC", value.strip())
    raise _BadLineError(SkipReason.BAD_RECORD, f"has a subject that is no name: {value!r}")


def _age(value: object) -> float | None:
    if value is None:
        return None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value <= MAX_AGE:
        return float(value)
    raise _BadLineError(SkipReason.BAD_AGE, f"has an age that is no number from 0 to {MAX_AGE}: {value!r}")


def _taken_year(value: object) -> int | None:
    if value is None:
        return None
    last = datetime.now(UTC).year + 1  # New Year comes earlier east of Greenwich
    if isinstance(value, int) and not isinstance(value, bool) and FIRST_PHOTO_YEAR <= value <= last:
        return value
    raise _BadLineError(SkipReason.BAD_RECORD, f"has a taken_year no photo can have: {value!r}")


def _texts(fields: Mapping[str, Any]) -> dict[str, Any]:
    texts: dict[str, Any] = {
        column: str(fields[name])
        for name, column in _TEXTS.items()
        if isinstance(fields.get(name), str | int) and not isinstance(fields[name], bool)
    }
    for column in ("licence", "owner_id"):
        if len(texts.get(column, "")) > MAX_ID_LENGTH:
            raise _BadLineError(SkipReason.BAD_RECORD, f"has a {column} of more than {MAX_ID_LENGTH} letters")
    tags = fields.get("tags")
    if isinstance(tags, list):
        texts["tags"] = " ".join(str(tag) for tag in tags)
    elif isinstance(tags, str):
        texts["tags"] = tags
    granularity = fields.get("date_taken_granularity")
    if isinstance(granularity, int | str) and str(granularity) in _GRANULARITIES:
        texts["date_taken_granularity"] = int(granularity)
    if isinstance(unknown := fields.get("date_taken_unknown"), bool | int | str):
        texts["date_taken_unknown"] = str(unknown).lower() in ("1", "true")
    if "date_upload" in fields:
        texts["uploaded"] = _upload_time(fields["date_upload"])
    return texts


def _upload_time(value: object) -> datetime | None:
    """Return when a photo was uploaded, from seconds since 1970 or ISO 8601."""
    if value is None:
        return None
    try:
        if isinstance(value, int | float) or str(value).isdecimal():
            return datetime.fromtimestamp(float(str(value)), UTC)
        moment = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        raise _BadLineError(SkipReason.BAD_RECORD, f"has a date_upload that is no date: {value!r}") from None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
