"""IMDB-WIKI: 460,723 photos of IMDb's actors and 62,328 of Wikipedia's people, with births and years.

`imdb.mat` or `wiki.mat` lists them; `02/nm0000002_rm1075631616_1924-9-16_1991.jpg` is person, photo, birth, year,
`17/10000217_1981-05-05_2009.jpg` the same of Wikipedia. Ages as everybody computes them: the photo is thought of as of
the middle of its year (yu4u/age-gender-estimation `src/utils.py`). What everybody leaves out is skipped: no face, a
face score below 1, a second face, an age outside 0 to 100. The year is what a caption said. Academic use.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import isfinite, isnan
from pathlib import Path
from typing import Any

import numpy as np

from dataset.sources.dates import iso_date, matlab_date
from dataset.sources.lists import BadRowError, find_photo, need_lists, told
from dataset.sources.mat_file import read_mat
from dataset.sources.records import TOLD_YEAR_CONFIDENCE, Item, SkipReason, SourceRecord

NAMES = "imdb.mat (wiki.mat) beside 02/nm0000002_rm1075631616_1924-9-16_1991.jpg: person, photo, birth, year"

MIN_FACE_SCORE = 1.0
"""Of the set's own detector: what yu4u and after it most others keep; 3.0 is the strict choice."""
OLDEST = 100
"""Ages above are wrong births nearly always; the standard filter."""

_FIELDS = ("dob", "photo_taken", "full_path", "gender", "name", "face_score", "second_face_score", "face_location")
_NUMBERS = ("dob", "photo_taken", "gender", "face_score", "second_face_score")
_NAME = re.compile(r"(?P<person>nm\d+|\d+)_(?:rm\d+_)?(?P<birth>[\d.-]+)_(?P<year>\d{4})\.jpe?g", re.ASCII | re.I)


@dataclass(frozen=True)
class PhotoName:
    """What the name of a photo of IMDB-WIKI says."""

    person: str
    birth: str | None
    year: int


@dataclass(frozen=True)
class _Row:
    full_path: str
    name: str
    dob: float
    photo_taken: float
    gender: float
    face_score: float
    second_face_score: float
    box: list[float] | None


def read_imdb(folder: Path) -> Iterator[Item]:
    """Return the photos of the IMDb half in `folder`, a record or a skip for each row of `imdb.mat`."""
    return _read(folder, "imdb")


def read_wiki(folder: Path) -> Iterator[Item]:
    """Return the photos of the Wikipedia half in `folder`, a record or a skip for each row of `wiki.mat`."""
    return _read(folder, "wiki")


def photo_name(name: str) -> PhotoName | None:
    """Return what the file name (without folders) of a photo says, None where it is none of the set's.

    Three of the Wikipedia names have births that are no dates (`1963-02-006`): what is a date of them is kept.
    """
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    return PhotoName(match["person"], iso_date(match["birth"]), int(match["year"]))


def _read(folder: Path, half: str) -> Iterator[Item]:
    (listed, *_) = need_lists(folder, rf"{half}\.mat", called=f"{half}.mat", of=f"copy of the {half} half of IMDB-WIKI")
    return _records(folder, listed, half)


def _records(folder: Path, listed: Path, half: str) -> Iterator[Item]:
    columns = read_mat(listed, half, fields=_FIELDS)
    places = (folder, listed.parent, folder / f"{half}_crop", folder / half)
    for number, row in enumerate(_rows(columns), start=1):
        try:
            yield _record(row, places)
        except BadRowError as fault:
            yield fault.skipped(f"{listed.name} row {number}")


def _rows(columns: dict[str, Any]) -> Iterator[_Row]:
    paths, names = columns.get("full_path", []), columns.get("name", [])
    boxes = columns.get("face_location", [])
    numbers = [np.asarray(columns.get(name, []), np.float64) for name in _NUMBERS]
    for i, path in enumerate(paths):
        dob, taken, gender, score, second = (float(c[i]) if i < len(c) else float("nan") for c in numbers)
        name = names[i] if i < len(names) and isinstance(names[i], str) else ""
        box = np.asarray(boxes[i], np.float64).tolist() if i < len(boxes) else None
        yield _Row(str(path), name, dob, taken, gender, score, second, box)


def _record(row: _Row, places: tuple[Path, ...]) -> SourceRecord:
    if not row.face_score > float("-inf"):
        raise BadRowError(SkipReason.NO_FACE, "has no face by the set's own detector")
    if row.face_score < MIN_FACE_SCORE:
        raise BadRowError(SkipReason.WEAK_FACE, f"has a face score below {MIN_FACE_SCORE:g}: {row.face_score:.2f}")
    if not isnan(row.second_face_score):
        raise BadRowError(SkipReason.SEVERAL_FACES, "has a second face by the set's own detector")
    if not isfinite(row.photo_taken):
        raise BadRowError(SkipReason.BAD_RECORD, "has no year")
    year = int(row.photo_taken)
    born = matlab_date(row.dob)
    age = year - born.year - (born.month >= 7)
    if not 0 <= age <= OLDEST:
        raise BadRowError(SkipReason.BAD_AGE, f"gives an age outside 0 to {OLDEST}: {age}")
    path = find_photo(places, row.full_path)
    name = photo_name(path.name)
    if name is None:
        raise BadRowError(SkipReason.MALFORMED_NAME, f"names {row.full_path}, which does not say who it is")
    sex = {0.0: "f", 1.0: "m"}.get(row.gender)
    flags = (*(() if sex else ("sex_unknown",)), *(() if _is_whole(name.birth) else ("birth_incomplete",)))
    return SourceRecord(
        path=path,
        site_id=str(Path(row.full_path).with_suffix("")),
        subject=name.person,
        subject_name=row.name or None,
        birth=name.birth,
        age=float(age),
        taken_year=year,
        year_confidence=TOLD_YEAR_CONFIDENCE,
        flags=flags,
        texts={"file_name": path.name},
        extra=told(sex=sex, birth_date=name.birth, box=row.box, face_score=row.face_score),
    )


def _is_whole(birth: str | None) -> bool:
    return birth is not None and len(birth) == 10
