"""What a public set says of its photos beyond a dataset folder's columns: official folds, race, rank.

Read from the user's own copy of the set with the importers of `dataset/sources`, and found again by the photo's id at
the set (`site_id`), which does not change when a set is moved.
"""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile, WrongUse
from dataset.sources.known import read_source
from dataset.sources.records import SourceRecord

Details = Mapping[str, Mapping[str, Any]]
"""By the id of a photo at its set, what the set says of it; empty where no copy was given."""


def read_details(kind: str, folder: Path) -> Details:
    """Return what the copy in `folder` says; raise UnknownName or BadInputFile where it is no such set."""
    items = read_source(kind, folder)
    return {item.site_id: item.extra for item in items if isinstance(item, SourceRecord)}


def read_list(path: Path) -> Details:
    """Return what a user's list says: a CSV file with the columns `photo` (the id at the set) and `split`.

    A path before the name and the endings .jpg and .chip of a photo do not count. Raises BadInputFile with what is
    wrong.
    """
    remedy = "write a CSV file with the columns photo,split where split is train, val or test"
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            rows = list(csv.DictReader(handle))
    except (OSError, UnicodeDecodeError, csv.Error) as fault:
        raise BadInputFile(path, f"cannot be read ({fault})", remedy) from None
    if not rows or not {"photo", "split"} <= rows[0].keys():
        raise BadInputFile(path, "has no columns photo and split", remedy)
    if odd := {str(row["split"]) for row in rows} - {"train", "val", "test"}:
        raise BadInputFile(path, f"says split '{sorted(odd)[0]}'", remedy)
    return {_plain(str(row["photo"])): {"split": row["split"]} for row in rows}


def _plain(photo: str) -> str:
    name = photo.replace("\\", "/").rsplit("/", 1)[-1]
    for ending in (".jpg", ".jpeg", ".chip", ".jpg"):
        name = name.removesuffix(ending)
    return name


def column(details: Details, site_ids: Sequence[str], name: str) -> list[Any]:
    """Return the value `name` of each photo (N,), None where the set does not say; raise WrongUse where it never does.

    That happens when the copy is of another set than the dataset folder.
    """
    values = [details.get(one, {}).get(name) for one in site_ids]
    if all(value is None for value in values):
        raise WrongUse(f"the copy of the set says '{name}' of none of the faces; is the dataset folder made from it?")
    return values
