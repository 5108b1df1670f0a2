"""`curate dedupe` on a catalog: which faces are one picture, which is kept, and that nothing is lost for good."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from sqlalchemy import Engine, select

from curation.dedupe import DedupeSettings, dedupe, undo
from dataset.face.fingerprint import perceptual_hash
from dataset.images import decode_crop, encode_crop
from db.models import DuplicateFace, Face
from tests.curation.filled import Filler, filling

SETTINGS = DedupeSettings()


def _scene(seed: int) -> np.ndarray:
    """A smooth picture, as photos are."""
    small = np.random.default_rng(seed).integers(0, 256, (9, 9, 3), np.uint8)
    return np.asarray(cv2.resize(small, (128, 128), interpolation=cv2.INTER_CUBIC), np.uint8)


def _worse(picture: np.ndarray) -> np.ndarray:
    """The same picture, smaller once, darker, and as a poor JPEG."""
    small = cv2.resize(picture, (70, 70), interpolation=cv2.INTER_AREA)
    dark = (cv2.resize(small, (128, 128)).astype(np.float64) * 0.8).astype(np.uint8)
    content = cv2.imencode(".jpg", dark, [cv2.IMWRITE_JPEG_QUALITY, 35])[1]
    return np.asarray(cv2.imdecode(content, cv2.IMREAD_COLOR), np.uint8)


def _face(filler: Filler, name: str | None, site_id: str, picture: np.ndarray, **columns: Any) -> int:
    photo = filler.photo(site_id, subject=name, site=columns.pop("site", "flickr"), sha256=columns.pop("sha256", None))
    if columns.pop("dated", True):
        filler.year(photo, 1990)
    stored = decode_crop(encode_crop(picture))
    return filler.face(photo, subject=name, crop=picture, perceptual_hash=perceptual_hash(stored), **columns)


def _groups(catalog: Engine) -> dict[int, dict[int, str]]:
    with catalog.connect() as connection:
        rows = connection.execute(select(DuplicateFace.group_id, DuplicateFace.face_id, DuplicateFace.kind)).all()
    found: dict[int, dict[int, str]] = {}
    for group, face, kind in rows:
        found.setdefault(group, {})[face] = kind
    return found


def _dropped(catalog: Engine) -> set[int]:
    with catalog.connect() as connection:
        return set(connection.execute(select(Face.id).where(Face.drop_reason == "duplicate")).scalars())


def test_a_smaller_darker_copy_is_found_and_the_larger_one_kept(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        copy = _face(filler, "Ann", "1", _worse(_scene(1)), eye_distance=20.0)
        large = _face(filler, "Ann", "2", _scene(1), eye_distance=60.0)
        _face(filler, "Ann", "3", _scene(2))
    result = dedupe(catalog, data=tmp_path, settings=SETTINGS, apply=True)
    assert _groups(catalog) == {large: {large: "exact", copy: "near"}}
    assert _dropped(catalog) == {copy}
    assert (result["groups"], result["duplicates"], result["near"], result["dropped"]) == (1, 1, 1, 1)


def test_a_dated_copy_is_better_than_a_larger_one_without_a_year(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        large = _face(filler, "Ann", "1", _scene(1), eye_distance=60.0, dated=False)
        dated = _face(filler, "Ann", "2", _worse(_scene(1)), eye_distance=20.0)
    dedupe(catalog, data=tmp_path, settings=SETTINGS, apply=True)
    assert _dropped(catalog) == {large} and dated in _groups(catalog)


def test_under_two_names_each_subject_keeps_one_and_the_group_is_named(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        first = _face(filler, "Ann", "1", _scene(1), eye_distance=60.0)
        second = _face(filler, "Ann", "2", _scene(1), eye_distance=50.0)
        other = _face(filler, "Bea", "3", _scene(1), eye_distance=40.0)
        nobody = _face(filler, None, "4", _scene(1), site="utkface", eye_distance=90.0)
        ann, bea = filler.subjects["Ann"], filler.subjects["Bea"]
    result = dedupe(catalog, data=tmp_path, settings=SETTINGS, apply=True)
    assert result["groups_across_subjects"] == 1 and list(result["across"].values()) == [[ann, bea]]
    kept = {first, second, other, nobody} - _dropped(catalog)
    assert {first, other} <= kept and second not in kept


def test_faces_of_one_file_and_place_are_one_whatever_their_crops(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        one = _face(filler, "Ann", "1", _scene(1), sha256="ab" * 32)
        two = _face(filler, "Ann", "2", _scene(9), sha256="ab" * 32)
        _face(filler, "Ann", "3", _scene(5), sha256="cd" * 32)
    dedupe(catalog, data=tmp_path, settings=SETTINGS)
    (group,) = _groups(catalog).values()
    assert set(group) == {one, two} and set(group.values()) == {"exact"}


def test_like_hashes_of_unlike_pixels_are_no_duplicates(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        for number in (1, 2):
            photo = filler.photo(str(number), subject="Ann")
            filler.face(photo, subject="Ann", crop=_scene(number), perceptual_hash=5 + number)
    result = dedupe(catalog, data=tmp_path, settings=SETTINGS)
    assert _groups(catalog) == {} and result["looked_alike_but_differ"] == 1


def test_a_crop_that_is_gone_confirms_nothing(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        for number, picture in enumerate((_scene(1), _worse(_scene(1)))):
            photo = filler.photo(str(number), subject="Ann")
            filler.face(photo, subject="Ann", crop=picture, perceptual_hash=6 + number)
    assert dedupe(catalog, data=tmp_path, settings=SETTINGS)["groups"] == 1
    for crop in tmp_path.rglob("*.jpg"):
        crop.unlink()
    assert dedupe(catalog, data=tmp_path, settings=SETTINGS)["groups"] == 0


def test_two_faces_of_one_photo_are_no_duplicates(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        photo = filler.photo("1", subject="Ann")
        for picture in (_scene(1), _worse(_scene(1))):
            stored = decode_crop(encode_crop(picture))
            filler.face(photo, subject="Ann", crop=picture, perceptual_hash=perceptual_hash(stored))
    assert dedupe(catalog, data=tmp_path, settings=SETTINGS)["near"] == 0


def test_undo_keeps_all_again_and_a_second_run_changes_nothing(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog, tmp_path) as filler:
        for number in range(3):
            _face(filler, "Ann", str(number), _scene(1))
    first = dedupe(catalog, data=tmp_path, settings=SETTINGS, apply=True)
    groups = _groups(catalog)
    again = dedupe(catalog, data=tmp_path, settings=SETTINGS, apply=True)
    assert (first["dropped"], again["dropped"], again["kept_again"]) == (2, 0, 0)
    assert _groups(catalog) == groups
    assert undo(catalog) == {"kept_again": 2} and _dropped(catalog) == set()


@pytest.mark.parametrize("order", [(0, 1, 2, 3, 4), (4, 2, 0, 3, 1)])
def test_the_same_pictures_are_kept_in_whatever_order_they_came(
    sqlite_catalog: Engine, tmp_path: Path, order: tuple[int, ...]
) -> None:
    pictures = [_scene(1), _worse(_scene(1)), _scene(1)[:, ::-1].copy(), _worse(_worse(_scene(1))), _scene(3)]
    with filling(sqlite_catalog, tmp_path) as filler:
        ids = {_face(filler, "Ann", str(n), pictures[n], eye_distance=30.0): n for n in order}
    dedupe(sqlite_catalog, data=tmp_path, settings=SETTINGS, apply=True)
    dropped = {ids[face] for face in _dropped(sqlite_catalog)}
    assert dropped == {0, 1, 3} - _best_of(pictures, {0, 1, 3})


def _best_of(pictures: list[np.ndarray], rows: set[int]) -> set[int]:
    """All are dated and of one size: their pixels decide, which is the same in any order."""
    import hashlib

    keys = {n: int(hashlib.sha256(pictures[n].tobytes()).hexdigest()[:8], 16) >> 1 for n in rows}
    return {min(rows, key=lambda n: keys[n])}
