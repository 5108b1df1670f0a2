"""Adience: 19,487 rows about faces of 2,284 people from Flickr albums, ages in eight classes, five folds.

`fold_{0-4}_data.txt` (and `fold_frontal_..`, a part of them), tab separated: user_id, original_image, face_id, age,
gender, x, y, dx, dy, tilt_ang, fiducial_yaw_angle, fiducial_score. Photos are `faces/<user>/
coarse_tilt_aligned_face.<face_id>.<image>` or `aligned/<user>/landmark_aligned_face.<face_id>.<image>`. `face_id` has
as many values as the paper counts people, so it is the person; `user_id` is only the account. Research only.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

from dataset.sources.adience_ages import read_age
from dataset.sources.lists import (
    BadRowError,
    Row,
    find_lists,
    find_photo,
    need_lists,
    number_in,
    read_rows,
    sex_in,
    told,
)
from dataset.sources.records import Item, SkipReason, SourceRecord

NAMES = "fold_0_data.txt to fold_4_data.txt beside faces/<user>/coarse_tilt_aligned_face.<person>.<image>"

_FOLDS = r"fold_(\d)_data\.txt"
_FRONTAL = r"fold_frontal_(\d)_data\.txt"
_ALL = r"fold_(?:frontal_)?\d_data\.txt"
_COLUMNS = ("user_id", "original_image", "face_id", "age", "gender")
_PHOTOS = (
    ("faces", "coarse_tilt_aligned_face"),
    ("aligned", "landmark_aligned_face"),
)
_DEEPER = "original_txt_files"  # where GilLevi/AgeGenderDeepLearning keeps the lists, below Folds/


def read_adience(folder: Path) -> Iterator[Item]:
    """Return the faces of the Adience copy in `folder`, a record or a skip for each row of its folds."""
    for place in (folder, folder / "Folds" / _DEEPER, folder / "folds" / _DEEPER):
        if place.is_dir() and find_lists(place, _ALL):
            folds, frontal = find_lists(place, _FOLDS), find_lists(place, _FRONTAL)
            return _read(folder, folds or frontal, _keys(frontal))
    need_lists(folder, _FOLDS, called="fold_0_data.txt", of="Adience")
    raise AssertionError("need_lists raises where there is no list")


def _keys(lists: Sequence[Path]) -> frozenset[str]:
    return frozenset(_key(row) for path in lists for row in read_rows(path, _COLUMNS))


def _key(row: Row) -> str:
    return f"{row.get('user_id')}/{row.get('face_id')}.{row.get('original_image')}"


def _read(folder: Path, lists: Sequence[Path], frontal: frozenset[str]) -> Iterator[Item]:
    seen: set[str] = set()
    for listed in lists:
        fold = int(listed.name.split("_")[-2])
        for number, row in enumerate(read_rows(listed, _COLUMNS), start=1):
            try:
                record = _record(row, folder, fold, is_frontal=_key(row) in frontal if frontal else None)
                if record.site_id in seen:
                    raise BadRowError(SkipReason.DUPLICATE, f"tells again of {record.site_id}")
            except BadRowError as fault:
                yield fault.skipped(f"{listed.name} row {number}")
                continue
            seen.add(record.site_id)
            yield record


def _record(row: Row, folder: Path, fold: int, *, is_frontal: bool | None) -> SourceRecord:
    user, image, person = row.get("user_id", ""), row.get("original_image", ""), row.get("face_id", "")
    if not (user and image and person):
        raise BadRowError(SkipReason.BAD_RECORD, "lacks user_id, original_image or face_id")
    path = _find(folder, user, person, image)
    age = read_age(row.get("age", ""))
    box = [number_in(row.get(column)) for column in ("x", "y", "dx", "dy")]
    return SourceRecord(
        path=path,
        site_id=_key(row),
        subject=person,
        age=age.age,
        flags=age.flags,
        texts={"file_name": path.name},
        extra=told(
            fold=fold,
            is_frontal=is_frontal,
            age_text=row.get("age"),
            age_min=age.low,
            age_max=age.high,
            sex=sex_in(row.get("gender")),
            sex_text=row.get("gender"),
            user=user,
            box=None if None in box else box,
            tilt=number_in(row.get("tilt_ang")),
            yaw=number_in(row.get("fiducial_yaw_angle")),
            landmark_score=number_in(row.get("fiducial_score")),
        ),
    )


def _find(folder: Path, user: str, person: str, image: str) -> Path:
    for place, prefix in _PHOTOS:
        try:
            return find_photo((folder / place, folder), f"{user}/{prefix}.{person}.{image}")
        except BadRowError as fault:
            if fault.reason is not SkipReason.MISSING_FILE:
                raise
    raise BadRowError(SkipReason.MISSING_FILE, f"names {user}/..{person}.{image}, which is not there")
