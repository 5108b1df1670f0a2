"""ChaLearn LAP 2015 and 2016: photos with the mean and spread of what people thought the age is. No identity.

2016: `train_gt.csv, valid_gt.csv, test_gt.csv` with image, mean, stdv; the 7,591 photos are those of APPA-REAL, so
never train on one of the two sets and test on the other. 2015: `Train.csv, Validation.csv, Test.csv` with `;` and no
line of names. The age of a record is the mean: an apparent age, `age_kind` says so. Research only.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dataset.sources.lists import BadRowError, Row, age_in, find_photo, need_lists, number_in, read_rows, told
from dataset.sources.records import Item, SourceRecord

NAMES_2015 = "Train.csv, Validation.csv, Test.csv (image;mean;deviation) beside the photos"
NAMES_2016 = "train_gt.csv, valid_gt.csv, test_gt.csv (image, mean, stdv) beside train/, valid/, test/"

_COLUMNS = ("image", "mean", "stdv")
_SPLITS = {"train": "train", "valid": "valid", "validation": "valid", "test": "test"}


@dataclass(frozen=True)
class _Year:
    lists: str
    called: str
    year: int


_2015 = _Year(r"(?:train|validation|test)\.csv", "Train.csv", 2015)
_2016 = _Year(r"(?:train|valid|test)_gt\.csv", "train_gt.csv", 2016)


def read_lap2015(folder: Path) -> Iterator[Item]:
    """Return the photos of the LAP 2015 copy in `folder`, a record or a skip for each row of its lists."""
    return _lists(folder, _2015)


def read_lap2016(folder: Path) -> Iterator[Item]:
    """Return the photos of the LAP 2016 copy in `folder`, a record or a skip for each row of its lists."""
    return _lists(folder, _2016)


def _lists(folder: Path, edition: _Year) -> Iterator[Item]:
    lists = need_lists(folder, edition.lists, called=edition.called, of=f"ChaLearn LAP {edition.year}")
    return _read(folder, lists)


def _read(folder: Path, lists: Sequence[Path]) -> Iterator[Item]:
    for listed in lists:
        split = _SPLITS[listed.stem.lower().removesuffix("_gt")]
        names = [name for name, meant in _SPLITS.items() if meant == split]
        below = [name for plain in names for name in (plain, plain.capitalize(), plain.upper())]
        places = [place / name for place in (folder, listed.parent) for name in below] + [folder, listed.parent]
        header = None if _has_names(listed) else _COLUMNS
        for number, row in enumerate(read_rows(listed, _COLUMNS, header=header), start=1):
            try:
                yield _record(row, places, split)
            except BadRowError as fault:
                yield fault.skipped(f"{listed.name} row {number}")


def _has_names(listed: Path) -> bool:
    """Return whether the first line names the columns: its second value is then no number."""
    first = next(iter(read_rows(listed, header=_COLUMNS)), {})
    return number_in(first.get("mean")) is None


def _record(row: Row, places: Sequence[Path], split: str) -> SourceRecord:
    age = age_in(row.get("mean"))
    path = find_photo(places, row.get("image", ""))
    return SourceRecord(
        path=path,
        site_id=f"{split}/{row['image']}",
        age=age,
        texts={"file_name": path.name},
        extra=told(split=split, age_kind="apparent", age_mean=age, age_std=number_in(row.get("stdv"))),
    )
