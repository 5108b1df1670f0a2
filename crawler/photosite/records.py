"""`photos.jsonl`: what a folder of photos says about each of them, one JSON object a line.

Pure and small, because both the photo site and tests read it. What a line may hold is written in docs/photosite.md.
The truth about a photo (subject, age, years) stays here: the site never serves it.
"""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile, suggest

RECORDS_FILE = "photos.jsonl"
DEFAULT_LICENCE = "4"  # CC BY: a folder someone serves is meant to be crawled
FIRST_UPLOAD = 1_400_000_000  # May 2014; lines without an upload date follow each other by a minute from here
SHOWN_FAULTS = 5

GRANULARITIES = (0, 4, 6, 8)  # second, month, year, circa: Flickr's numbers
_TAKEN = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2})(?:[ T](\d{2}):(\d{2})(?::(\d{2}))?)?)?)?")


@dataclass(frozen=True, kw_only=True)
class PhotoRecord:
    """One photo of the site: where its bytes are, what its owner wrote, and the truth nobody is told."""

    file: str
    id: str
    title: str = ""
    description: str = ""  # HTML
    tags: tuple[str, ...] = ()  # as typed, not yet normalised
    date_taken: str = ""  # "Y-m-d H:i:s", the owner's clock
    date_taken_granularity: int = 0
    date_taken_unknown: bool = True
    date_upload: int = FIRST_UPLOAD  # Unix time
    license: str = DEFAULT_LICENCE
    owner: str = ""
    ownername: str = ""
    subject: str | None = None
    age: float | None = None
    taken_year: int | None = None
    birth_year: int | None = None


KNOWN_FIELDS = tuple(field.name for field in fields(PhotoRecord))


def read_records(folder: Path) -> list[PhotoRecord]:
    """Read `photos.jsonl` of `folder`; raise BadInputFile that names every bad line (the first few of them)."""
    path = folder / RECORDS_FILE
    if not folder.is_dir():
        raise BadInputFile(folder, "is not a folder", f"give a folder that holds photos and a {RECORDS_FILE}")
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except FileNotFoundError:
        raise BadInputFile(path, "is missing", "write one JSON object a line, see docs/photosite.md") from None
    except UnicodeDecodeError:
        raise BadInputFile(path, "is not UTF-8 text", "write one JSON object a line, see docs/photosite.md") from None
    records, faults, seen = [], [], dict[str, int]()
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            record = parse_record(line, number, folder)
            if record.id in seen:
                raise ValueError(f"id '{record.id}' is already that of line {seen[record.id]}")
        except ValueError as fault:
            faults.append(f"line {number}: {fault}")
            continue
        seen[record.id] = number
        records.append(record)
    if faults:
        more = f" (and {len(faults) - SHOWN_FAULTS} more)" if len(faults) > SHOWN_FAULTS else ""
        raise BadInputFile(path, "; ".join(faults[:SHOWN_FAULTS]) + more, "mend these lines")
    if not records:
        raise BadInputFile(path, "holds no photo", "write one JSON object a line, see docs/photosite.md")
    return records


def parse_record(line: str, number: int, folder: Path) -> PhotoRecord:
    """Return the record of one line; raise ValueError with the fault."""
    try:
        raw = json.loads(line)
    except json.JSONDecodeError as fault:
        raise ValueError(f"not JSON ({fault.msg} at column {fault.colno})") from None
    if not isinstance(raw, dict):
        raise ValueError("not a JSON object")
    unknown = [name for name in raw if name not in KNOWN_FIELDS]
    if unknown:
        raise ValueError(f"unknown field '{unknown[0]}'; {suggest(unknown[0], KNOWN_FIELDS)}")
    file = _text(raw, "file")
    if not file:
        raise ValueError("the field 'file' is missing")
    if not (folder / file).is_file():
        raise ValueError(f"there is no file '{file}'")
    upload = _upload(raw.get("date_upload"), number)
    taken, granularity = _taken(raw, upload)
    ownername = _text(raw, "ownername") or "photosite"
    return PhotoRecord(
        file=file,
        id=_text(raw, "id") or numeric_id(file),
        title=_text(raw, "title"),
        description=_text(raw, "description"),
        tags=_tags(raw.get("tags")),
        date_taken=taken,
        date_taken_granularity=granularity,
        date_taken_unknown=_truth(raw, "date_taken_unknown", default=not raw.get("date_taken")),
        date_upload=upload,
        license=_text(raw, "license") or DEFAULT_LICENCE,
        owner=_text(raw, "owner") or nsid(ownername),
        ownername=ownername,
        subject=_text(raw, "subject") or None,
        age=_number(raw, "age"),
        taken_year=_year(raw, "taken_year"),
        birth_year=_year(raw, "birth_year"),
    )


def write_lines(records: list[PhotoRecord]) -> Iterator[str]:
    """Yield each record as its line of `photos.jsonl`, without the line end; what is unknown is left out."""
    for record in records:
        values = {name: getattr(record, name) for name in KNOWN_FIELDS}
        kept = {name: value for name, value in values.items() if value not in (None, "", ())}
        kept["date_taken_unknown"] = int(record.date_taken_unknown)
        yield json.dumps(kept, ensure_ascii=False)


def numeric_id(text: str) -> str:
    """Return a steady photo id of eleven digits for `text`, as long as the site's own."""
    return str(40_000_000_000 + int(hashlib.sha256(text.encode()).hexdigest()[:12], 16) % 15_000_000_000)


def nsid(name: str) -> str:
    """Return a steady owner id in the site's form for an owner's name."""
    return f"{10_000_000 + int(hashlib.sha256(name.encode()).hexdigest()[:10], 16) % 90_000_000}@N0{len(name) % 8}"


def _text(raw: Mapping[str, Any], name: str) -> str:
    value = raw.get(name)
    if value is None:
        return ""
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise ValueError(f"'{name}' must be text, not {value!r}")
    return str(value)


def _tags(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        return tuple(value.split())
    if isinstance(value, list) and all(isinstance(tag, str) for tag in value):
        return tuple(tag for tag in value if tag.strip())
    raise ValueError(f"'tags' must be text or a list of texts, not {value!r}")


def _truth(raw: Mapping[str, Any], name: str, *, default: bool) -> bool:
    value = raw.get(name)
    if value is None:
        return default
    if value in (0, 1, "0", "1"):  # True and False are equal to 1 and 0
        return bool(int(value))
    raise ValueError(f"'{name}' must be 0 or 1, not {value!r}")


def _number(raw: Mapping[str, Any], name: str) -> float | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError(f"'{name}' must be a number, not {value!r}")
    return float(value)


def _year(raw: Mapping[str, Any], name: str) -> int | None:
    value = raw.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"'{name}' must be a year, not {value!r}")
    return value


def _upload(value: object, number: int) -> int:
    if value is None:
        return FIRST_UPLOAD + 60 * number
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str):
        if value.isdigit():
            return int(value)
        try:
            moment = datetime.fromisoformat(value)
        except ValueError:
            moment = None
        if moment is not None:
            return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
    raise ValueError(f"'date_upload' must be Unix seconds or an ISO date, not {value!r}")


def _taken(raw: Mapping[str, Any], upload: int) -> tuple[str, int]:
    """Return the taken date with missing parts filled with 01, and its granularity; the upload time where none is."""
    value = _text(raw, "date_taken")
    if not value:
        return datetime.fromtimestamp(upload, UTC).strftime("%Y-%m-%d %H:%M:%S"), 0
    match = _TAKEN.fullmatch(value)
    if match is None:
        raise ValueError(f"'date_taken' must look like 1987-05-17 14:30:00, 1987-05 or 1987, not {value!r}")
    year, month, day, hour, minute, second = match.groups()
    granularity = 6 if month is None else 4 if day is None else 0
    if (said := raw.get("date_taken_granularity")) is not None:
        granularity = int(said) if str(said).isdigit() else -1
        if granularity not in GRANULARITIES:
            raise ValueError(f"'date_taken_granularity' must be one of 0, 4, 6, 8, not {said!r}")
    date = f"{year}-{month or '01'}-{day or '01'}"
    return f"{date} {hour or '00'}:{minute or '00'}:{second or '00'}", granularity
