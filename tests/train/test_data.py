"""What the stages read: the right faces, of the right split, at the right size."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agegap.errors import BadInputFile, NothingToDo, WrongUse
from dataset.splits import Split
from dataset.store import open_dataset
from tests.train.conftest import Drawn
from tests.train.drawn import write_labelled, write_pairs
from train.crops import Part, join, shrink
from train.data import face_pairs, labelled_faces, open_datasets


def test_each_split_holds_its_own_labelled_faces(drawn: Drawn) -> None:
    datasets = open_datasets([drawn.labelled])
    table = datasets[0].faces
    for split, code in (("train", Split.TRAIN), ("val", Split.VAL), ("test", Split.TEST)):
        faces = labelled_faces(datasets, split, input_size=128)
        expected = [row for row in range(len(table)) if table.split[row] == code]
        assert faces.ages.tolist() == [table.age[row] for row in expected]
        assert np.array_equal(faces.crops.gather(np.arange(len(faces))), datasets[0].crops[expected])
    assert len(labelled_faces(datasets, "all", input_size=128)) == len(table)


def test_a_folder_without_ages_says_so(drawn: Drawn) -> None:
    with pytest.raises(NothingToDo, match="no face with an age in split 'train'"):
        labelled_faces(open_datasets([drawn.pairs]), "train", input_size=64)


def test_a_missing_folder_says_so(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="nothing-here"):
        open_datasets([tmp_path / "nothing-here"])


def test_crops_of_two_folders_answer_to_one_row_number(drawn: Drawn, tmp_path: Path) -> None:
    second = write_labelled(tmp_path / "second", count=20, seed=9)
    datasets = open_datasets([drawn.labelled, second])
    faces = labelled_faces(datasets, "train", input_size=128)
    first_rows = np.flatnonzero(datasets[0].faces.split == Split.TRAIN)
    second_rows = np.flatnonzero(datasets[1].faces.split == Split.TRAIN)
    chosen = np.array([len(first_rows) + 2, 0, len(first_rows), len(first_rows) - 1])
    got = faces.crops.gather(chosen)
    assert np.array_equal(got[0], datasets[1].crops[second_rows[2]])
    assert np.array_equal(got[1], datasets[0].crops[first_rows[0]])
    assert np.array_equal(got[2], datasets[1].crops[second_rows[0]])
    assert np.array_equal(got[3], datasets[0].crops[first_rows[-1]])
    assert faces.ages[chosen[0]] == datasets[1].faces.age[second_rows[2]]


def test_crops_cut_differently_do_not_mix(drawn: Drawn, tmp_path: Path) -> None:
    tight = write_labelled(tmp_path / "tight", count=10, crop={"size": 128, "template": "tight"})
    with pytest.raises(WrongUse, match="one crop recipe"):
        open_datasets([drawn.labelled, tight])


@pytest.mark.parametrize("size", [32, 64])
def test_a_shrunk_crop_is_the_mean_of_the_area_each_pixel_covers(size: int) -> None:
    crop = np.random.default_rng(0).integers(0, 256, (128, 128, 3), dtype=np.uint8)
    k = 128 // size
    means = crop.reshape(size, k, size, k, 3).astype(np.float64).mean(axis=(1, 3))
    assert np.abs(shrink(crop, size) - means).max() <= 0.5001


@pytest.mark.parametrize("size", [160, 256])
def test_an_enlarged_crop_is_smooth_between_the_stored_pixels_and_stays_on_disk(drawn: Drawn, size: int) -> None:
    faces = labelled_faces(open_datasets([drawn.labelled]), "train", input_size=size)
    part = faces.crops.parts[0]
    assert isinstance(part.array, np.memmap)
    large = faces.crops.gather(np.array([3, 0]))
    assert large.shape == (2, size, size, 3)
    stored = part.array[part.rows[[3, 0]]]
    back = [np.asarray(Image.fromarray(one).resize((128, 128), Image.Resampling.BOX), float) for one in large]
    # Averaged down again it is what was stored: enlarging moved nothing by half a pixel and changed no level.
    assert np.abs(np.stack(back) - stored).mean() < 3.0
    assert np.abs(large.mean(axis=(1, 2)) - stored.mean(axis=(1, 2))).max() < 0.5


def test_full_size_crops_stay_in_the_memory_map(drawn: Drawn) -> None:
    part = labelled_faces(open_datasets([drawn.labelled]), "train", input_size=128).crops.parts[0]
    assert isinstance(part.array, np.memmap)


def test_pairs_point_at_the_crops_of_their_faces(drawn: Drawn) -> None:
    dataset = open_dataset(drawn.pairs)
    pairs = face_pairs(dataset, "train", input_size=128, k_max=200)
    table = dataset.pairs
    is_train = [dataset.faces.split[row] == Split.TRAIN for row in table.younger]
    expected = [(int(a), int(b), int(k)) for a, b, k in zip(table.younger, table.older, table.gap_years, strict=True)]
    expected = [pair for pair, is_here in zip(expected, is_train, strict=True) if is_here]
    assert len(pairs) == len(expected) > 0
    for place, (younger, older, gap) in enumerate(expected):
        assert np.array_equal(pairs.crops.gather(pairs.younger[[place]])[0], dataset.crops[younger])
        assert np.array_equal(pairs.crops.gather(pairs.older[[place]])[0], dataset.crops[older])
        assert pairs.gap_years[place] == gap == dataset.faces.year[older] - dataset.faces.year[younger]
        assert pairs.subject[place] == dataset.faces.subject[younger]


def test_pairs_above_k_max_are_left_out(tmp_path: Path) -> None:
    dataset = open_dataset(write_pairs(tmp_path / "pairs"))
    k_max = int(np.median(dataset.pairs.gap_years))
    kept = face_pairs(dataset, "train", input_size=32, k_max=k_max)
    in_train = dataset.faces.split[dataset.pairs.younger] == Split.TRAIN
    assert len(kept) == int((in_train & (dataset.pairs.gap_years <= k_max)).sum())
    assert 0 < len(kept) < int(in_train.sum())


def test_an_empty_part_is_left_out_of_a_join() -> None:
    crops = np.zeros((3, 8, 8, 3), np.uint8)
    nothing = Part(crops[:0], np.zeros(0, np.int64))
    joined = join([nothing, Part(crops, np.arange(3))])
    assert len(joined) == 3
    assert joined.gather(np.array([2])).shape == (1, 8, 8, 3)
