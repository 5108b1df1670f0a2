"""APPA-REAL: 7,591 photos with real ages and what people thought; train 4,113, valid 1,500, test 1,978. No identity.

`gt_avg_{train,valid,test}.csv`: file_name, num_ratings, apparent_age_avg, apparent_age_std, real_age. Of a photo
`000001.jpg` the set's own cut-out `000001.jpg_face.jpg` is taken where it is there: it shows the person who is meant.
Names in an `ignore_list.txt` (yu4u/age-estimation-pytorch: no face, wrong face) beside the lists are left out. Its
photos are those of ChaLearn LAP 2016. Research only.
"""

from collections.abc import Iterator
from pathlib import Path

from dataset.sources.lists import (
    BadRowError,
    Row,
    age_in,
    find_lists,
    find_photo,
    need_lists,
    number_in,
    read_rows,
    told,
)
from dataset.sources.records import Item, SkipReason, SourceRecord

NAMES = "gt_avg_train.csv (valid, test) beside train/000001.jpg"

_LISTS = r"gt_avg_(?:train|valid|test)\.csv"
_IGNORED = r"ignore_list\.(?:txt|csv)"
_COLUMNS = ("file_name", "real_age")


def read_appa_real(folder: Path) -> Iterator[Item]:
    """Return the photos of the APPA-REAL copy in `folder`, a record or a skip for each row of its lists."""
    lists = need_lists(folder, _LISTS, called="gt_avg_train.csv", of="APPA-REAL")
    return _read(folder, lists, _ignored(folder))


def _read(folder: Path, lists: list[Path], ignored: frozenset[str]) -> Iterator[Item]:
    for listed in lists:
        split = listed.stem.rpartition("_")[2].lower()
        for number, row in enumerate(read_rows(listed, _COLUMNS), start=1):
            try:
                # The published list of what to leave out is about the training photos only.
                yield _record(row, folder, listed, split, ignored if split == "train" else frozenset())
            except BadRowError as fault:
                yield fault.skipped(f"{listed.name} row {number}")


def _record(row: Row, folder: Path, listed: Path, split: str, ignored: frozenset[str]) -> SourceRecord:
    name = row.get("file_name", "")
    if name in ignored:
        raise BadRowError(SkipReason.IGNORED, f"names {name}, which the set's ignore list leaves out")
    age = age_in(row.get("real_age"))
    places = (folder / split, listed.parent / split, folder)
    try:
        path = find_photo(places, f"{name}_face.jpg")
    except BadRowError:
        path = find_photo(places, name)
    return SourceRecord(
        path=path,
        site_id=f"{split}/{name}",
        age=age,
        texts={"file_name": path.name},
        extra=told(
            split=split,
            age_mean=number_in(row.get("apparent_age_avg")),
            age_std=number_in(row.get("apparent_age_std")),
            ratings=number_in(row.get("num_ratings")),
            is_cut_out=path.name != name,
        ),
    )


def _ignored(folder: Path) -> frozenset[str]:
    """Return the names of the ignore list, with or without the ending of a cut-out."""
    names: set[str] = set()
    for path in find_lists(folder, _IGNORED):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            name = line.strip().removesuffix("_face.jpg")
            names |= {name, Path(name).name} if name else set()
    return frozenset(names)
