"""The fields of a photo with the dates marked that were found in them: what both ways to show a reading need."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from crawler.extract_photo import Reading
from crawler.taken_year import Candidate, PhotoText

_SHOWN_LETTERS = 400  # before and after a date: enough to judge it, and a page of 1,000 photos opens


@dataclass(frozen=True)
class Segment:
    """A stretch of a field, and the places (from 0, in `Reading.found`) of the dates that cover all of it."""

    text: str
    places: tuple[int, ...] = ()


@dataclass(frozen=True)
class MarkedField:
    """A field of a photo by its name, cut where dates begin and end."""

    name: str
    segments: tuple[Segment, ...]


def field_texts(photo: PhotoText) -> dict[str, str]:
    """Return the fields that say something, as texts, in the order in which people read them."""
    unknown = {None: "", True: " (the site marks it unknown)", False: ""}[photo.date_taken_unknown]
    fields = {
        "text": photo.text,
        "title": photo.title,
        "description": photo.description,
        "page_text": photo.page_text,
        "tags": photo.tags,
        "date_text": photo.date_text,
        "date_taken": f"{photo.date_taken}{_GRANULARITIES.get(photo.date_taken_granularity, '')}{unknown}"
        if photo.date_taken
        else None,
        "exif_original": photo.exif_original,
        "exif_digitised": photo.exif_digitised,
        "exif_modified": photo.exif_modified,
        "iptc_date": photo.iptc_date,
        "xmp_date": photo.xmp_date,
        "device": photo.device,
        "file_name": photo.file_name,
        "uploaded": f"{photo.uploaded:%Y-%m-%d %H:%M:%S}" if photo.uploaded else None,
        "subject": _subject(photo),
    }
    return {name: text for name, text in fields.items() if text}


_GRANULARITIES: Mapping[int | None, str] = {4: " (month)", 6: " (year)", 8: " (about)"}


def marked_fields(reading: Reading) -> list[MarkedField]:
    """Return the fields of a reading, each cut at the dates that were found in it."""
    texts = field_texts(reading.photo)
    spans: dict[str, list[tuple[int, Candidate]]] = {name: [] for name in texts}
    for place, candidate in enumerate(reading.found):
        name = _field_of(candidate, texts)
        if name is not None:
            spans[name].append((place, candidate))
    return [MarkedField(name, tuple(cut(text, spans[name]))) for name, text in texts.items()]


def cut(text: str, spans: Sequence[tuple[int, Candidate]]) -> list[Segment]:
    """Return `text` in segments; spans may overlap, lie in each other, or end beyond the text."""
    bounds = sorted({0, len(text), *(min(b, len(text)) for _, c in spans for b in (c.start, c.end))})
    return [
        Segment(text[start:end], tuple(place for place, c in spans if c.start <= start and end <= c.end))
        for start, end in pairwise(bounds)
    ]


def shortened(text: str) -> str:
    """Return a stretch without dates as it is shown: its middle left out where it is long."""
    if len(text) <= 2 * _SHOWN_LETTERS:
        return text
    return f"{text[:_SHOWN_LETTERS]} [...] {text[-_SHOWN_LETTERS:]}"


def _field_of(candidate: Candidate, texts: Mapping[str, str]) -> str | None:
    if candidate.source in texts:
        return candidate.source
    # "exif" stands for several fields: the one that holds the very words.
    for name, text in texts.items():
        if name.startswith(candidate.source) and text[candidate.start : candidate.end] == candidate.words:
            return name
    return None


def _subject(photo: PhotoText) -> str | None:
    born = f"born {photo.birth_year}" if photo.birth_year is not None else None
    died = f"died {photo.death_year}" if photo.death_year is not None else None
    return ", ".join(part for part in (photo.subject_name, born, died) if part) or None


def years_of(candidate: Candidate) -> str:
    """Return the year or years of a date in words: `1968`, `1980-1989`."""
    if candidate.year_min == candidate.year_max:
        return str(candidate.year_min)
    return f"{candidate.year_min}-{candidate.year_max}"
