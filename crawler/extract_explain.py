"""`scrapy extract-years --explain PHOTO`: the texts of one photo, each date in them, and how the answer came of it."""

import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import NothingToDo
from crawler.extract_photo import Reading, evidence_rows, read_stored, why_left, year_row
from crawler.extract_spans import MarkedField, marked_fields, shortened, years_of
from crawler.taken_year import EARLIEST_YEAR, VERSION, PhotoText, TakenYear, to_edtf
from crawler.taken_year.decide import TIERS, tier_of
from db.photo_texts import StoredPhoto, find_photo, photos_with_texts
from db.taken_years import IMPORTED, StoredYear, stored_year

_WIDTH = 110
_COLUMNS = ("", "field", "words", "years", "role", "rule", "sure", "verdict")
_WIDEST_WORDS = 40


def explain_photo(catalog: Engine, data: Path, words: str) -> "Explanation":
    """Read the photo that `words` name (row number, `site:site_id` or page address) anew and say how.

    Raises NothingToDo when the catalog has no such photo.
    """
    with catalog.connect() as connection:
        photo_id = find_photo(connection, words)
        photos = photos_with_texts(connection, [photo_id]) if photo_id is not None else []
        if not photos:
            raise NothingToDo(
                "the catalog", f"it has no photo '{words}'", "name a row number, SITE:ID or the address of its page"
            )
        stored = stored_year(connection, photos[0].id)
    return Explanation(photos[0], read_stored(photos[0], data), stored)


class Explanation:
    """A reading of a stored photo, as lines for a terminal or as an object for programs."""

    def __init__(self, photo: StoredPhoto, reading: Reading, stored: StoredYear | None) -> None:
        self.photo, self.reading, self.stored = photo, reading, stored

    def as_text(self) -> str:
        """Return the explanation for a terminal; what could steer the terminal is taken out of the texts."""
        photo = self.photo
        head = f"photo {photo.id}  {photo.site}:{photo.site_id}  {photo.page_url or ''}".rstrip()
        lines = [head, "", "what the photo says (dates are marked [n: ...])"]
        for field in marked_fields(self.reading):
            lines += _field_lines(field)
        lines += ["", f"dates found: {len(self.reading.found)}", *_table(self.reading)]
        lines += ["", "decision", *(f"  {line}" for line in self._decision())]
        return "\n".join(_plain(line) for line in lines)

    def as_object(self) -> dict[str, Any]:
        """Return the explanation as JSON has it: the rows that the catalog would get."""
        return {
            "photo": self.photo.id,
            "site": self.photo.site,
            "site_id": self.photo.site_id,
            "page_url": self.photo.page_url,
            "fields": {field.name: "".join(part.text for part in field.segments) for field in self._fields()},
            "evidence": evidence_rows(self.photo.id, self.reading),
            "taken_year": year_row(self.photo.id, self.reading.taken),
        }

    def _fields(self) -> list[MarkedField]:
        return marked_fields(self.reading)

    def _decision(self) -> Iterator[str]:
        reading = self.reading
        yield f"years that can be: {_limits(reading.photo)}"
        yield f"ranks, strong to weak: {', '.join(TIERS)}; the first with a date that was not left decides"
        for place, one in enumerate(reading.found):
            if one.accepted:
                yield f"[{place + 1}] is of the rank {tier_of(one)}"
        yield f"=> {verdict(reading.taken)}"
        if reading.chosen:
            numbers = ", ".join(f"[{place + 1}]" for place in sorted(reading.chosen))
            yield f"   on the ground of {numbers}, rule {reading.taken.rule}"
        yield from self._stored_line()

    def _stored_line(self) -> Iterator[str]:
        stored = self.stored
        if stored is None:
            yield "the catalog has no year for it yet: run `scrapy extract-years`"
        elif stored.source == IMPORTED:
            yield f"the catalog keeps {stored.year}, which the public set states; texts do not change that"
        elif stored.version != VERSION:
            yield f"the catalog has {stored.edtf or stored.year} by the older version {stored.version}"


def verdict(taken: TakenYear) -> str:
    """Return the answer as one line: the year with its precision and confidence, or why there is none."""
    if taken.year is not None:
        return (
            f"{taken.year} ({taken.precision}, EDTF {taken.edtf or to_edtf(taken)}), confidence {taken.confidence:.3f}"
        )
    if taken.year_min is not None:
        return f"no single year, {taken.edtf or to_edtf(taken)}: {taken.reason}"
    return f"no year: {taken.reason}"


def _limits(photo: PhotoText) -> str:
    """Return the hard limits in words."""
    parts = [f"not before {EARLIEST_YEAR}, when photography began"]
    latest = f"{photo.uploaded.year}, when it was uploaded" if photo.uploaded else "this year"
    parts.append(f"not after {latest}")
    if photo.birth_year is not None:
        parts.append(f"not before the birth in {photo.birth_year}")
    if photo.death_year is not None:
        parts.append(f"a camera's date after the death in {photo.death_year} is that of a scan")
    return "; ".join(parts)


def _field_lines(field: MarkedField) -> list[str]:
    parts = []
    for segment in field.segments:
        marks = ",".join(str(place + 1) for place in segment.places)
        parts.append(f"[{marks}: {segment.text}]" if marks else shortened(segment.text))
    text = " ".join("".join(parts).split())
    name = f"  {field.name:<15} "
    return textwrap.wrap(text, _WIDTH, initial_indent=name, subsequent_indent=" " * len(name)) or [name]


def _table(reading: Reading) -> list[str]:
    rows = [_COLUMNS] if reading.found else []
    for place, one in enumerate(reading.found):
        words = " ".join(one.words.split())
        shown = words if len(words) <= _WIDEST_WORDS else f"{words[: _WIDEST_WORDS - 3]}..."
        left = why_left(reading, place)
        sure = f"{one.confidence:.2f}" if one.confidence else "-"
        end = "CHOSEN" if left is None else f"left: {left}"
        rows.append((f"[{place + 1}]", one.source, shown, years_of(one), one.role, one.rule, sure, end))
    widths = [max((len(row[column]) for row in rows), default=0) for column in range(len(_COLUMNS))]
    return [
        "  " + "  ".join(f"{cell:<{width}}" for cell, width in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _plain(line: str) -> str:
    return "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in line)
