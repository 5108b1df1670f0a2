"""MORPH II (album 2, 2008 non-commercial): photos of people arrested 2003 to 2007, with dates.

`morph_2008_nonCommercial.csv` says all: id_num, picture_num, dob, doa, race, gender, facial_hair, age, glasses, photo
(`Album2/009055_1M54.JPG`: person, picture, sex, age). The year is that of `doa`. Births, sexes and races contradict
each other within a person at places (Yip et al., arXiv 1811.06446): they are kept as stated, `curate audit` finds them.
Eyes are of `MORPH_Album2_EYECOORDS.csv` where it is there. On request, non-commercial.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from dataset.sources.dates import iso_date, year_of
from dataset.sources.lists import (
    BadRowError,
    Row,
    age_in,
    find_lists,
    find_photo,
    need_lists,
    number_in,
    read_rows,
    sex_in,
    told,
)
from dataset.sources.records import Item, SkipReason, SourceRecord

NAMES = "morph_2008_nonCommercial.csv beside Album2/009055_1M54.JPG: person, picture, sex, age"

_LIST = r"morph_2008_noncommercial\.csv"
_EYES = r"morph_album2_eyecoords\.csv"
_COLUMNS = ("id_num", "picture_num", "dob", "doa", "race", "gender", "age", "photo")
_NAME = re.compile(r"(?P<person>\d+)_(?P<picture>\d{1,3})(?P<sex>[MF])(?P<age>\d{1,3})", re.IGNORECASE | re.ASCII)


def read_morph2(folder: Path) -> Iterator[Item]:
    """Return the photos of the MORPH album 2 in `folder`, a record or a skip for each row of its list."""
    (labels, *_) = need_lists(folder, _LIST, called="morph_2008_nonCommercial.csv", of="MORPH album 2")
    return _read(folder, labels, _eyes(folder))


def _read(folder: Path, labels: Path, eyes: dict[str, list[int]]) -> Iterator[Item]:
    places = (folder, labels.parent, folder.parent)
    for number, row in enumerate(read_rows(labels, _COLUMNS), start=1):
        try:
            yield _record(row, places, eyes)
        except BadRowError as fault:
            yield fault.skipped(f"{labels.name} row {number}")


def _record(row: Row, places: tuple[Path, ...], eyes: dict[str, list[int]]) -> SourceRecord:
    person = row.get("id_num", "")
    if not person.isdecimal():
        raise BadRowError(SkipReason.BAD_RECORD, f"has an id_num that is no number: {person!r}")
    age = age_in(row.get("age"))
    path = find_photo(places, row.get("photo", ""))
    taken, birth = iso_date(row.get("doa")), iso_date(row.get("dob"))
    sex, picture = sex_in(row.get("gender")), number_in(row.get("picture_num"))
    says_other = not _agrees(path.stem, person, picture, sex, age)
    return SourceRecord(
        path=path,
        site_id=path.stem,
        subject=person.zfill(6),
        birth=birth,
        age=age,
        taken_year=year_of(taken),
        flags=("name_says_other",) if says_other else (),
        texts={"file_name": path.name},
        extra=told(
            sex=sex,
            race=row.get("race", "").upper(),
            picture=None if picture is None else int(picture),
            birth_date=birth,
            taken_date=taken,
            facial_hair=row.get("facial_hair"),
            glasses=row.get("glasses"),
            eyes=eyes.get(path.stem),
        ),
    )


def _agrees(stem: str, person: str, picture: float | None, sex: str | None, age: float) -> bool:
    name = _NAME.fullmatch(stem)
    if name is None:
        return False
    stated = (int(name["person"]), int(name["picture"]), name["sex"].lower(), int(name["age"]))
    return stated == (int(person), picture, sex, age)


def _eyes(folder: Path) -> dict[str, list[int]]:
    """Return the eye points (x, y, x, y in pixels) of each photo that the list of eyes names."""
    points: dict[str, list[int]] = {}
    for path in find_lists(folder, _EYES)[:1]:
        for row in read_rows(path, header=("photo", "x1", "y1", "x2", "y2")):
            numbers = [number_in(row.get(name)) for name in ("x1", "y1", "x2", "y2")]
            if None not in numbers:  # the line of names has none
                points[Path(row["photo"]).stem] = [int(number) for number in numbers if number is not None]
    return points
