"""Impostors are found by the structure of the folders alone, and old photos are not taken for them."""

from functools import cache

import numpy as np
import pytest

from curation.identity import judge as module
from curation.identity.centres import find_others, similarities
from curation.identity.judge import Folder, first_belief, gaps_of, judge
from curation.identity.learn import Learned, can_learn, learn
from curation.identity.settings import IdentitySettings
from curation.identity.space import fit_space
from tests.curation.people_points import SIZE, Crowd

SETTINGS = IdentitySettings(rivals=40, prior_faces=100.0)


def _folders(impostors: int, count: int = 24) -> tuple[list[Folder], list[np.ndarray]]:
    both = [Crowd().folder(number, photos=10, impostors=impostors) for number in range(count)]
    return [folder for folder, _ in both], [truth for _, truth in both]


@cache
def _learned() -> Learned:
    return learn(_folders(0)[0], SETTINGS)


def _joined(folder: Folder, other: Folder) -> Folder:
    return Folder(
        subject_id=folder.subject_id,
        face_id=np.concatenate([folder.face_id, other.face_id]),
        photo_id=np.concatenate([folder.photo_id, other.photo_id]),
        vectors=np.concatenate([folder.vectors, other.vectors]),
        time=np.concatenate([folder.time, other.time]),
    )


@pytest.mark.parametrize("impostors", [1, 6])
def test_impostors_are_told_from_the_subject(impostors: int) -> None:
    folders, truths = _folders(impostors)
    learned = learn(folders, SETTINGS)
    is_kept = np.concatenate([judged.belief >= 0.5 for judged in learned.judged])
    truth = np.concatenate(truths)
    assert is_kept[truth].mean() > 0.95
    assert is_kept[~truth].mean() < 0.05


def test_recall_does_not_fall_with_the_years_between_two_photos() -> None:
    folders, truths = _folders(3, count=30)
    learned = learn(folders, SETTINGS)
    near, far = [], []
    for folder, truth, judged in zip(folders, truths, learned.judged, strict=True):
        kept = judged.belief[truth] >= 0.5
        both = kept[:, None] & kept[None, :]
        gaps = gaps_of(folder.time[truth])
        pairs = np.triu(np.ones_like(gaps, dtype=bool), 1)
        near.append(both[pairs & (gaps < 8)])
        far.append(both[pairs & (gaps > 25)])
    assert np.concatenate(far).mean() > np.concatenate(near).mean() - 0.03


def test_a_space_fitted_to_the_folders_gives_one_as_the_variance_within() -> None:
    folders, _ = _folders(0, count=60)
    space = fit_space([folder.vectors for folder in folders], [np.ones(len(f)) for f in folders], prior_faces=1e-6)
    points = [space.apply(folder.vectors) for folder in folders]
    within = sum((p - p.mean(axis=0)).T @ (p - p.mean(axis=0)) for p in points) / sum(len(p) - 1 for p in points)
    assert np.asarray(within) == pytest.approx(np.eye(SIZE), abs=1e-6)


def test_nobody_is_twice_in_a_photo() -> None:
    folders, learned = _folders(0)[0], _learned()
    twice = _joined(folders[0], folders[0].take(np.array([4])))
    judged = learned.judge_other(twice, SETTINGS)
    assert (judged.belief[[4, 10]] >= 0.5).sum() == 1


def test_photos_without_a_time_are_judged_too() -> None:
    folders, truths = _folders(2)
    timeless = [Folder(f.subject_id, f.face_id, f.photo_id, f.vectors, np.full(len(f), np.nan)) for f in folders]
    learned = learn(timeless, SETTINGS)
    kept = np.concatenate([judged.belief >= 0.5 for judged in learned.judged])
    truth = np.concatenate(truths)
    assert kept[truth].mean() > 0.9
    assert kept[~truth].mean() < 0.1


def test_a_second_person_of_the_name_is_found_with_all_photos() -> None:
    folders, learned = _folders(0)[0], _learned()
    namesake, _ = Crowd().folder(77, photos=5)
    mixed = _joined(folders[0], namesake)
    judged = learned.judge_other(mixed, SETTINGS)
    (other,) = find_others(mixed, judged, learned, SETTINGS)
    assert set(other.rows) >= {11, 12, 13} and set(other.rows) <= set(range(10, 15))


def test_more_faces_than_are_judged_at_once_are_judged_in_parts_alike(monkeypatch: pytest.MonkeyPatch) -> None:
    learned = _learned()
    large, truth = Crowd().folder(200, photos=70, impostors=14)
    together = learned.judge_other(large, SETTINGS).belief >= 0.5
    monkeypatch.setattr(module, "MAX_TOGETHER", 30)
    in_parts = learned.judge_other(large, SETTINGS).belief >= 0.5
    assert in_parts[truth].mean() > 0.95
    assert (in_parts == together).mean() > 0.9


def test_the_judgement_does_not_depend_on_the_order_of_the_faces() -> None:
    folders, _ = _folders(2)
    learned = learn(folders, SETTINGS)
    turned = np.random.default_rng(0).permutation(len(folders[3]))
    one = learned.judge_other(folders[3], SETTINGS)
    other = learned.judge_other(folders[3].take(turned), SETTINGS)
    assert other.score == pytest.approx(one.score[turned])


def test_a_few_subjects_are_too_few_to_know_how_alike_strangers_are() -> None:
    folders, _ = _folders(0, count=4)
    assert not can_learn(folders)
    assert can_learn(_folders(0, count=12)[0])


def test_a_copy_of_a_face_under_another_name_is_no_rival_of_it() -> None:
    folders, learned = _folders(0)[0], _learned()
    copied = Folder(999, np.array([1]), np.array([1]), folders[0].vectors[:1], folders[0].time[:1])
    cohort = type(learned.cohort)(
        np.concatenate([learned.cohort.vectors, copied.vectors]),
        np.append(learned.cohort.subject_id, 999),
        np.append(learned.cohort.photo_id, 1),
    )
    rest = cohort.without(folders[0])
    assert (rest @ folders[0].vectors[0]).max() < 0.999


def test_similarity_is_the_cosine_to_the_nearest_centre_without_the_face_itself() -> None:
    vectors = np.eye(4)[[0, 0, 1, 1, 2]]
    time = np.array([1.0, 2, 31, 32, np.nan])
    found = similarities(vectors, np.array([1.0, 1, 1, 1, 0]), time, centre_years=10)
    assert found[:4] == pytest.approx([1, 1, 1, 1])
    assert found[4] == pytest.approx(0)


def test_belief_begins_with_the_densest_part_of_the_folder() -> None:
    crowd = Crowd()
    folder, truth = crowd.folder(3, photos=6, impostors=5)
    mean = np.concatenate([f.vectors for f in _folders(0)[0]]).mean(axis=0)
    belief = first_belief(folder, mean)
    assert belief[truth].mean() > 3 * belief[~truth].mean()


def test_learning_twice_gives_the_same() -> None:
    folders, _ = _folders(2, count=12)
    one, other = (learn(folders, SETTINGS) for _ in range(2))
    assert isinstance(one, Learned)
    for a, b in zip(one.judged, other.judged, strict=True):
        assert np.array_equal(a.score, b.score)
    judged = judge(
        folders[0],
        one.judged[0].belief,
        space=one.space,
        cohort=one.cohort.without(folders[0]),
        settings=SETTINGS,
    )
    assert judged.belief.shape == (12,)
