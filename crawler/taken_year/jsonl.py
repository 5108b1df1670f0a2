"""Records of photos as JSON lines, and answers as JSON lines: the tongue of the command."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from crawler.taken_year.edtf import to_edtf
from crawler.taken_year.records import PhotoText, TakenYear


def photo_of_record(record: Mapping[str, Any]) -> PhotoText:
    """Return the photo of a record with named fields, or of `{"id", "text"}`; a field of a wrong type is left out."""
    tags = record.get("tags")
    unknown = record.get("api_taken_unknown")
    return PhotoText(
        title=_text(record.get("title")),
        description=_text(record.get("description")),
        tags=" ".join(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else _text(tags),
        file_name=_text(record.get("filename")),
        page_text=_text(record.get("page_text")),
        date_taken=_text(record.get("api_date_taken")),
        date_taken_granularity=_number(record.get("api_granularity")),
        date_taken_unknown=None if unknown is None else str(unknown).lower() in ("1", "true"),
        uploaded=_moment(record.get("upload_date")),
        exif_original=_text(record.get("exif_datetime_original")),
        exif_digitised=_text(record.get("exif_datetime_digitized")),
        language=_text(record.get("lang")),
        subject_name=_text(record.get("subject_name")),
        birth_year=_number(record.get("birth_year")),
        death_year=_number(record.get("death_year")),
        date_text=_text(record.get("date_text")),
        exif_modified=_text(record.get("exif_datetime")) or _text(record.get("exif_modified")),
        device=" ".join(
            filter(None, (_text(record.get("exif_make")), _text(record.get("exif_model")), _text(record.get("device"))))
        )
        or None,
        iptc_date=_text(record.get("iptc_date_created")) or _text(record.get("iptc_date")),
        xmp_date=_text(record.get("xmp_create_date")) or _text(record.get("xmp_date")),
        source=_text(record.get("source")),
        text=_text(record.get("text")),
    )


def answer_of(taken: TakenYear) -> dict[str, Any]:
    """Return the fields of an answer line, without the id."""
    return {
        "taken_year": taken.year,
        "year_min": taken.year_min,
        "year_max": taken.year_max,
        "edtf": taken.edtf or to_edtf(taken),
        "confidence": taken.confidence,
        "reason": taken.reason,
    }


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None


def _number(value: object) -> int | None:
    try:
        return int(value) if isinstance(value, int | float | str) else None
    except (ValueError, OverflowError):
        return None


def _moment(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
