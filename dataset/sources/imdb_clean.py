"""IMDB-CLEAN: 287,683 photos of the IMDb half of IMDB-WIKI with mended ages, and which face is meant.

`imdb_{train,valid,test}_new.csv` tells about the original photos, `.._new_1024.csv` about those its script cut out
(`imdb-clean-1024/`): filename, age, gender, x_min, y_min, x_max, y_max, head_roll, head_yaw, head_pitch. The older list
of EM-CNN (`emcnn_annotion_18-Nov-2017.txt`: path, name, box, age, gender, confidence) is read where there is no other.
Lists MIT, photos academic use. https://github.com/yiminglin-ai/imdb-clean
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agegap.errors import BadInputFile
from dataset.sources.imdb_wiki import photo_name
from dataset.sources.lists import BadRowError, Row, age_in, find_lists, find_photo, number_in, read_rows, sex_in, told
from dataset.sources.records import TOLD_YEAR_CONFIDENCE, Item, SkipReason, SourceRecord

NAMES = "imdb_train_new.csv (valid, test) beside imdb/02/nm0000002_rm1075631616_1924-9-16_1991.jpg"

_CUT = r"imdb_(?:train|valid|test)_new_1024\.csv"
_WHOLE = r"imdb_(?:train|valid|test)_new\.csv"
_EM_CNN = r"emcnn_annotion_.*\.txt"
_COLUMNS = ("filename", "age", "gender")
_EM_CNN_COLUMNS = ("filename", "name", "x_min", "y_min", "x_max", "y_max", "age", "gender", "confidence")
_CUT_FOLDERS = ("imdb-clean-1024", "data/imdb-clean-1024")
_WHOLE_FOLDERS = ("imdb", "imdb_crop", "data/imdb", "data/imdb_crop")


@dataclass(frozen=True)
class _Lists:
    paths: Sequence[Path]
    places: Sequence[Path]
    has_header: bool = True


def read_imdb_clean(folder: Path) -> Iterator[Item]:
    """Return the photos that the lists of IMDB-CLEAN in `folder` name, a record or a skip for each row."""
    return _read(_lists(folder))


def _lists(folder: Path) -> _Lists:
    """Choose the lists: of the cut-out photos where these are there, else of the originals, else of EM-CNN."""
    cut = [folder / name for name in _CUT_FOLDERS if (folder / name).is_dir()]
    if folder.name == "imdb-clean-1024":
        cut = [folder]
    if cut and (lists := find_lists(folder, _CUT)):
        return _Lists(lists, cut)
    whole = [folder, *(folder / name for name in _WHOLE_FOLDERS)]
    if lists := find_lists(folder, _WHOLE):
        return _Lists(lists, whole)
    if lists := find_lists(folder, _CUT):
        return _Lists(lists, [folder])
    if lists := find_lists(folder, _EM_CNN):
        return _Lists(lists[:1], whole, has_header=False)
    wanted = "imdb_train_new.csv"
    raise BadInputFile(folder, f"is no IMDB-CLEAN: it holds no {wanted}", f"give the folder that holds {wanted}")


def _read(lists: _Lists) -> Iterator[Item]:
    for listed in lists.paths:
        split = listed.name.split("_")[1] if lists.has_header else None
        header = None if lists.has_header else _EM_CNN_COLUMNS
        for number, row in enumerate(read_rows(listed, _COLUMNS, header=header), start=1):
            try:
                yield _record(row, lists.places, split)
            except BadRowError as fault:
                yield fault.skipped(f"{listed.name} row {number}")


def _record(row: Row, places: Sequence[Path], split: str | None) -> SourceRecord:
    age = age_in(row.get("age"))
    path = find_photo(places, row.get("filename", ""))
    name = photo_name(path.name)
    if name is None:
        raise BadRowError(SkipReason.MALFORMED_NAME, f"names {path.name}, which does not say who it is")
    box = [number_in(row.get(column)) for column in ("x_min", "y_min", "x_max", "y_max")]
    return SourceRecord(
        path=path,
        site_id=str(Path(row["filename"]).with_suffix("")),
        subject=name.person,
        subject_name=row.get("name") or None,
        birth=name.birth,
        age=age,
        taken_year=name.year,
        year_confidence=TOLD_YEAR_CONFIDENCE,
        texts={"file_name": path.name},
        extra=told(
            split=split,
            sex=sex_in(row.get("gender")),
            birth_date=name.birth,
            box=None if None in box else box,
            roll=number_in(row.get("head_roll")),
            yaw=number_in(row.get("head_yaw")),
            pitch=number_in(row.get("head_pitch")),
            confidence=number_in(row.get("confidence")),
        ),
    )
