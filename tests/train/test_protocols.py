"""Folds of the public sets: people apart, every face tested as often as the paper says, the same whatever the order."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agegap.errors import BadInputFile, NothingToDo, UnknownName, WrongUse
from dataset.splits import Split
from dataset.store import open_dataset
from dataset.tables import FaceTable, PairTable
from tests.train.drawn import write_pairs
from tests.train.small import small_recipe
from train.protocols.details import Details, read_list
from train.protocols.fold_folder import fold_faces, fold_pairs, write_fold
from train.protocols.folds import Fold, leaked_people, units
from train.protocols.known import PROTOCOLS, find_protocol
from train.protocols.run import ProtocolOrder, described, plan, run_protocol


def _set(people: int, photos: int, *, site: str = "fgnet", named: bool = True, ids: str = "{p:03}A{n:02}") -> FaceTable:
    count = people * photos
    owner = np.repeat(np.arange(people), photos)
    rng = np.random.default_rng(0)
    return FaceTable(
        face_id=np.arange(count, dtype=np.int64),
        subject=owner.astype(np.int32) if named else np.full(count, -1, np.int32),
        subject_names=tuple(f"{site}/{person:03}" for person in range(people)) if named else (),
        split=np.zeros(count, np.int8),
        age=rng.integers(0, 80, count).astype(np.float32),
        year=np.full(count, -1, np.int32),
        year_confidence=np.zeros(count, np.float32),
        site=(site,) * count,
        site_id=tuple(ids.format(p=row // photos, n=row % photos) for row in range(count)),
    )


def _shuffled(faces: FaceTable) -> tuple[FaceTable, np.ndarray]:
    order = np.random.default_rng(5).permutation(len(faces))
    columns: dict[str, Any] = {
        name: tuple(value[row] for row in order) if isinstance(value, tuple) else value[order]
        for name, value in vars(faces).items()
        if name not in ("subject_names", "licence")
    }
    return replace(faces, **columns), order


def _named(faces: FaceTable, rows: np.ndarray) -> set[str]:
    return {faces.site_id[row] for row in rows}


def _morph_details(faces: FaceTable) -> Details:
    return {
        site_id: {"race": "W" if person % 3 == 0 else "B"}
        for site_id, person in zip(faces.site_id, faces.subject.tolist(), strict=True)
    }


def _adience_details(faces: FaceTable) -> Details:
    classes = [(0, 2), (25, 32), (60, 100)]
    return {
        site_id: {"fold": person % 5, "age_min": classes[person % 3][0], "age_max": classes[person % 3][1]}
        for site_id, person in zip(faces.site_id, faces.subject.tolist(), strict=True)
    }


def _cacd_details(faces: FaceTable) -> Details:
    return {s: {"rank": 1 + p % 9} for s, p in zip(faces.site_id, faces.subject.tolist(), strict=True)}


PEOPLE_APART = ("fgnet-lopo", "fgnet-5fold", "morph2-b", "morph2-d", "agedb-5fold", "cacd", "adience-5fold")


def _details_of(name: str, faces: FaceTable) -> Details:
    if name.startswith("morph2"):
        return _morph_details(faces)
    return {"adience-5fold": _adience_details, "cacd": _cacd_details}.get(name, lambda _faces: {})(faces)


@pytest.mark.parametrize("name", PEOPLE_APART)
def test_nobody_is_in_two_parts_of_a_fold(name: str) -> None:
    faces = _set(40, 6)
    for fold in find_protocol(name).folds(faces, _details_of(name, faces), 0):
        parts = [set(faces.subject[rows].tolist()) for rows in (fold.train, fold.val, fold.test)]
        assert not (parts[0] & parts[1] or parts[0] & parts[2] or parts[1] & parts[2])
        assert leaked_people(faces, fold) == 0


@pytest.mark.parametrize(
    ("name", "folds", "times"),
    [("fgnet-lopo", 40, 1), ("fgnet-5fold", 5, 1), ("agedb-5fold", 5, 1), ("morph2-d", 5, 1), ("adience-5fold", 5, 1)],
)
def test_over_all_folds_each_face_is_tested_once(name: str, folds: int, times: int) -> None:
    faces = _set(40, 6)
    found = find_protocol(name).folds(faces, _details_of(name, faces), 0)
    assert len(found) == folds
    tested = Counter(row for fold in found for row in fold.test.tolist())
    assert tested == dict.fromkeys(range(240), times)


@pytest.mark.parametrize("name", sorted(set(PROTOCOLS) - {"clap2015", "clap2016"}))
def test_folds_do_not_depend_on_the_order_of_the_rows(name: str) -> None:
    faces = _set(40, 6)
    mixed, _ = _shuffled(faces)
    details = _details_of(name, faces)
    straight = find_protocol(name).folds(faces, details, 3)
    turned = find_protocol(name).folds(mixed, details, 3)
    for one, other in zip(straight, turned, strict=True):
        for part in ("train", "val", "test"):
            assert _named(faces, getattr(one, part)) == _named(mixed, getattr(other, part)), (name, one.name, part)


@pytest.mark.parametrize("name", ["fgnet-5fold", "utkface-5fold", "morph2-c"])
def test_another_seed_gives_other_folds(name: str) -> None:
    faces = _set(40, 6)
    one, other = (find_protocol(name).folds(faces, {}, seed)[0] for seed in (0, 1))
    assert _named(faces, one.test) != _named(faces, other.test)


def test_five_folds_are_six_two_and_two_tenths_of_the_people() -> None:
    faces = _set(40, 6)
    for fold in find_protocol("fgnet-5fold").folds(faces, {}, 0):
        counts = [len(np.unique(faces.subject[rows])) for rows in (fold.train, fold.val, fold.test)]
        assert counts == [24, 8, 8]


def test_a_set_that_names_nobody_is_dealt_by_photo_and_cannot_leave_people_out() -> None:
    faces = _set(50, 1, site="utkface", named=False)
    folds = find_protocol("utkface-5fold").folds(faces, {}, 0)
    assert sorted(row for fold in folds for row in fold.test.tolist()) == list(range(50))
    with pytest.raises(NothingToDo, match="name nobody"):
        find_protocol("fgnet-lopo").folds(faces, {}, 0)


def test_a_random_split_of_photos_leaks_people_and_says_so() -> None:
    faces = _set(40, 6)
    (fold,) = find_protocol("morph2-c").folds(faces, {}, 0)
    train = set(faces.subject[np.concatenate([fold.train, fold.val])].tolist())
    assert leaked_people(faces, fold) == len(set(faces.subject[fold.test].tolist()) & train) > 20
    assert len(fold.test) == 48


def test_setting_a_tests_five_random_fifths_of_white_people() -> None:
    faces = _set(40, 6)
    folds = find_protocol("morph2-a").folds(faces, _morph_details(faces), 0)
    assert len(folds) == 5
    for fold in folds:
        rows = np.concatenate([fold.train, fold.val, fold.test])
        assert set((faces.subject[rows] % 3).tolist()) == {0}
        assert len(rows) == 84  # fourteen people
        assert len(fold.test) == pytest.approx(84 / 5, abs=2)
    assert len({tuple(fold.test.tolist()) for fold in folds}) == 5


def test_setting_b_has_as_many_black_as_white_photos_and_trains_on_a_third() -> None:
    faces = _set(40, 6)
    folds = find_protocol("morph2-b").folds(faces, _morph_details(faces), 0)
    assert len(folds) == 3
    for fold in folds:
        rows = np.concatenate([fold.train, fold.val, fold.test])
        assert (faces.subject[rows] % 3 == 0).sum() == len(rows) / 2 == 84
        assert len(fold.train) + len(fold.val) < len(fold.test)


def test_ages_21_to_60_include_both_ends_and_follow_a_list_where_there_is_one(tmp_path: Path) -> None:
    faces = replace(_set(80, 1, site="utkface", named=False), age=np.arange(80, dtype=np.float32))
    (fold,) = find_protocol("utkface-21-60").folds(faces, {}, 0)
    assert sorted(np.concatenate([fold.train, fold.val, fold.test]).tolist()) == list(range(21, 61))
    assert len(fold.test) == 8
    listed = tmp_path / "list.csv"
    rows = [f"utk/{faces.site_id[row]}.jpg.chip.jpg,{'test' if row < 30 else 'train'}" for row in range(10, 60)]
    listed.write_text("\n".join(["photo,split", *rows]), encoding="utf-8")
    (fold,) = find_protocol("utkface-21-60").folds(faces, read_list(listed), 0)
    assert fold.test.tolist() == list(range(21, 30))
    assert sorted(np.concatenate([fold.train, fold.val]).tolist()) == list(range(30, 60))


@pytest.mark.parametrize("text", ["name,fold\na,1", "photo,split\na,dev", ""])
def test_a_list_that_says_nothing_is_one_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "list.csv").write_text(text, encoding="utf-8")
    with pytest.raises(BadInputFile, match="photo,split"):
        read_list(tmp_path / "list.csv")


def test_chalearn_follows_the_official_split_in_the_photos_ids() -> None:
    faces = _set(3, 5, site="lap2016", named=False)
    faces = replace(faces, site_id=tuple(f"{('train', 'valid', 'test')[row % 3]}/{row}.jpg" for row in range(15)))
    (fold,) = find_protocol("clap2016").folds(faces, {}, 0)
    assert [part.tolist() for part in (fold.train, fold.val, fold.test)] == [
        [row for row in range(15) if row % 3 == place] for place in range(3)
    ]
    with pytest.raises(NothingToDo, match="a split has no face"):
        find_protocol("clap2016").folds(_set(3, 5), {}, 0)


def test_cacd_validates_on_ranks_one_and_two_and_tests_on_three_to_five() -> None:
    faces = _set(40, 6)
    (fold,) = find_protocol("cacd").folds(faces, _cacd_details(faces), 0)
    rank = 1 + faces.subject % 9
    assert set(rank[fold.val].tolist()) == {1, 2}
    assert set(rank[fold.test].tolist()) == {3, 4, 5}
    assert set(rank[fold.train].tolist()) == {6, 7, 8, 9}


def test_adience_takes_the_official_folds_and_the_middle_of_a_group_as_age() -> None:
    faces = replace(_set(40, 6), age=np.full(240, np.nan, np.float32))
    folds = find_protocol("adience-5fold").folds(faces, _adience_details(faces), 0)
    for number, fold in enumerate(folds):
        assert set((faces.subject[fold.test] % 5).tolist()) == {number}
        assert fold.ages is not None
        shown = fold_faces(faces, fold)
        assert set(shown.age[fold.test].tolist()) <= {1.0, 28.5, 70.0}


def test_a_copy_of_another_set_is_one_sentence() -> None:
    faces = _set(4, 2)
    with pytest.raises(WrongUse, match="says 'race' of none"):
        find_protocol("morph2-a").folds(faces, {"other": {"race": "W"}}, 0)
    with pytest.raises(UnknownName, match="fgnet-lopo"):
        find_protocol("fgnet-loop")


def test_a_part_without_faces_is_refused() -> None:
    rows = np.arange(3)
    with pytest.raises(WrongUse, match="too few"):
        Fold("0", rows, rows[:0], rows)


def _fold_of(faces: FaceTable) -> Fold:
    (first, *_) = find_protocol("fgnet-5fold").folds(faces, {}, 0)
    return first


def test_a_fold_folder_is_a_dataset_that_shares_its_pictures(tmp_path: Path) -> None:
    source = write_pairs(tmp_path / "set", subjects=10, ages=True)
    dataset = open_dataset(source)
    fold = _fold_of(dataset.faces)
    written = open_dataset(write_fold(dataset, fold, tmp_path / "fold", protocol="fgnet-5fold"), verify=True)
    assert (tmp_path / "fold" / "faces.npy").stat().st_ino == (source / "faces.npy").stat().st_ino
    for rows, part in ((fold.train, Split.TRAIN), (fold.val, Split.VAL), (fold.test, Split.TEST)):
        assert sorted(np.flatnonzero(written.faces.split == part).tolist()) == rows.tolist()
    assert written.manifest["crop"] == dataset.manifest["crop"]
    assert written.manifest["fold"]["made_from"] == dataset.manifest_sha256
    # 40 faces, all in the fold: each person keeps his six pairs.
    assert len(written.pairs) == len(dataset.pairs) == 60
    again = open_dataset(write_fold(dataset, fold, tmp_path / "fold", protocol="fgnet-5fold"))
    assert again.manifest_sha256 == written.manifest_sha256


def test_hidden_ages_stay_with_the_test_faces_alone(tmp_path: Path) -> None:
    dataset = open_dataset(write_pairs(tmp_path / "set", subjects=10, ages=True))
    fold = _fold_of(dataset.faces)
    shown = fold_faces(dataset.faces, fold, hide_ages=True)
    assert np.flatnonzero(np.isfinite(shown.age)).tolist() == fold.test.tolist()


def test_where_people_leak_the_fold_names_nobody_and_has_no_pair(tmp_path: Path) -> None:
    dataset = open_dataset(write_pairs(tmp_path / "set", subjects=10, ages=True))
    (fold,) = find_protocol("morph2-c").folds(dataset.faces, {}, 0)
    written = open_dataset(write_fold(dataset, fold, tmp_path / "fold", protocol="morph2-c"))
    assert set(written.faces.subject.tolist()) == {-1}
    assert len(written.pairs) == 0


def test_pairs_across_parts_or_outside_the_fold_are_left_out() -> None:
    faces = _set(10, 4)
    fold = Fold("x", np.array([0, 1, 2]), np.array([4, 5]), np.array([8, 9]))
    younger, older = np.array([0, 0, 4, 8, 12]), np.array([1, 3, 5, 9, 13])
    pairs = PairTable(younger, older, np.ones(5, np.int16), np.ones(5, np.float32))
    kept = fold_pairs(pairs, fold_faces(faces, fold), fold)
    assert list(zip(kept.younger.tolist(), kept.older.tolist(), strict=True)) == [(0, 1), (4, 5), (8, 9)]


SHORT: dict[str, dict[str, Any]] = {"pretrain": {"epochs": 2}, "finetune": {"steps": 3}}


def test_a_protocol_trains_each_fold_and_goes_on_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source = write_pairs(tmp_path / "set", subjects=10, ages=True)
    order = ProtocolOrder("fgnet-5fold", source, only=(0,))
    recipe, out = small_recipe(**SHORT), tmp_path / "out"
    first = run_protocol(order, out, recipe=recipe)
    assert first["folds_done"] == 1
    assert first["over_folds"]["mae"]["sd"] is None
    assert not (out / "data").exists()
    weights = (out / "folds" / "000-0" / "run" / "checkpoint.pt").stat().st_mtime_ns
    both = run_protocol(replace(order, only=(0, 3)), out, recipe=recipe)
    assert (out / "folds" / "000-0" / "run" / "checkpoint.pt").stat().st_mtime_ns == weights
    assert both["folds_done"] == 2
    each = [one["mae"] for one in both["each_fold"].values()]
    assert both["over_folds"]["mae"]["mean"] == pytest.approx(np.mean(each))
    assert both["over_folds"]["mae"]["sd"] == pytest.approx(np.std(each, ddof=1))
    assert both["over_people"]["people"] == 4
    assert both["over_people"]["faces"] == 16
    # Two people of four photos in each fold: the mean over faces is that of the two folds.
    assert both["over_people"]["mae"] == pytest.approx(np.mean(each), abs=1e-4)
    assert json.loads((out / "protocol.json").read_text(encoding="utf-8"))["over_folds"] == both["over_folds"]
    with pytest.raises(WrongUse, match="another seed"):
        run_protocol(replace(order, seed=1), out, recipe=recipe)


def test_from_pairs_no_age_of_the_set_is_learned_from(tmp_path: Path, drawn: Any, system: Any) -> None:
    source = write_pairs(tmp_path / "set", subjects=10, ages=True)
    order = ProtocolOrder("fgnet-5fold", source, learn_from="pairs", labelled=(drawn.labelled,), only=(1,))
    with pytest.raises(WrongUse, match="--from"):
        run_protocol(order, tmp_path / "out", recipe=small_recipe(**SHORT))
    order = replace(order, start=system.run / "pretrain")
    found = run_protocol(order, tmp_path / "out", recipe=small_recipe(**SHORT))
    assert found["over_people"]["people"] == 2
    settings = json.loads((tmp_path / "out/folds/001-1/run/settings.json").read_text(encoding="utf-8"))
    assert settings["stage"] == "finetune"


def test_what_is_missing_is_told_before_anything_is_trained(tmp_path: Path) -> None:
    source = write_pairs(tmp_path / "set", subjects=10, ages=True)
    with pytest.raises(WrongUse, match="--set-copy"):
        plan(ProtocolOrder("adience-5fold", source))
    with pytest.raises(WrongUse, match="no fold 7"):
        run_protocol(ProtocolOrder("fgnet-5fold", source, only=(7,)), tmp_path / "out", recipe=small_recipe())
    assert not (tmp_path / "out").exists()


def test_a_description_counts_the_parts_and_warns_of_leaks(tmp_path: Path) -> None:
    source = write_pairs(tmp_path / "set", subjects=10, ages=True)
    shown = described(ProtocolOrder("morph2-c", source))
    assert "people of the test also train" in shown["warning"]
    assert "warning" not in described(ProtocolOrder("fgnet-5fold", source))


def test_units_are_people_or_photos() -> None:
    assert units(_set(2, 2))[:3] == ["fgnet/000", "fgnet/000", "fgnet/001"]
    assert units(_set(2, 1, site="utkface", named=False)) == ["utkface/000A00", "utkface/001A00"]
