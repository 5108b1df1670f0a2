"""The files with true years: what each row gives to read, what is true of it, and which half it belongs to.

Even rows (0, 2, 4...) were tuned on, odd rows only scored. The files lie beside the checkout and are no part of it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from agegap.errors import BadInputFile
from crawler.taken_year import PhotoText
from crawler.taken_year.jsonl import photo_of_record

Half = Literal["tuning", "unseen"]
TEXT_SETS = ("teenie_title", "teenie_caption", "cmoa_datetext", "tate_datetext", "dateparser_tests", "edtf_natlang")
FLICKR, EXAMPLES = "flickr_records", "taken_year_examples"
SETS = (EXAMPLES, *TEXT_SETS, FLICKR)

_YEAR = re.compile(r"(?<!\d)(?:1[89]|20)\d\d(?!\d)")


@dataclass(frozen=True)
class Case:
    """One row: what is read, and the years that are right (`first` to `last`); `has_truth` False where no year is.

    `text` is all words of the row in one, for readers that know no fields; `edtf` the truth in EDTF where it is told.
    """

    photo: PhotoText
    text: str
    first: int
    last: int
    has_truth: bool
    half: Half
    key: str
    edtf: str | None = None

    def is_right(self, year: int) -> bool:
        """Whether a point lies in the truth."""
        return self.has_truth and self.first <= year <= self.last

    @property
    def holds_truth(self) -> bool:
        """Whether the words hold a true year in four digits."""
        return any(self.is_right(int(year)) for year in _YEAR.findall(self.text))


def read_cases(folder: Path, name: str) -> list[Case]:
    """Return the rows of a set; of flickr_records only those whose words mention a year."""
    path = folder / f"{name}.jsonl"
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as fault:
        raise BadInputFile(path, str(fault.strerror), "name the folder of the date sets with --dates") from None
    cases = [_case(json.loads(line), name, "unseen" if number % 2 else "tuning") for number, line in enumerate(lines)]
    return [case for case in cases if _YEAR.search(case.text)] if name == FLICKR else cases


def _case(row: dict[str, Any], name: str, half: Half) -> Case:
    if name == FLICKR:
        year = int(row["date_taken"][:4])
        fields = {field: row[field] for field in ("title", "description", "tags")}
        words = " ".join([row["title"] or "", row["description"] or "", *row["tags"]])
        return Case(photo_of_record(fields), words, year, year, True, half, row["id"])
    if name == EXAMPLES:
        years = row["acceptable_years"] if row["kind"] in ("exact", "circa") else []
        words = " ".join(str(row[field]) for field in ("title", "description", "page_text") if row[field])
        photo = photo_of_record({key: value for key, value in row.items() if key not in _TRUTH})
        return Case(photo, words, min(years, default=0), max(years, default=0), bool(years), half, row["id"])
    first, last = row["year_min"], row["year_max"]
    return Case(
        photo=photo_of_record({"text": row["text"]}),
        text=row["text"],
        first=-10_000 if first is None else first,
        last=10_000 if last is None else last,
        has_truth=first is not None or last is not None,
        half=half,
        key=row["source"].split()[-1] if "cmoa" in row["source"] else row["text"],
        edtf=row.get("edtf"),
    )


_TRUTH = ("taken_year", "acceptable_years", "kind", "needs_world_knowledge", "category", "why")


def halves(cases: list[Case]) -> Iterator[tuple[str, list[Case]]]:
    """Yield all cases and each half, under their names."""
    yield "all", cases
    for half in ("tuning", "unseen"):
        yield half, [case for case in cases if case.half == half]
