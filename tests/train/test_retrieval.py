"""Nearest faces against a plain sort, recall against a count by hand, and an index that is never out of date."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from agegap.errors import BadInputFile, CheckpointMismatch, NothingToDo, WrongUse
from dataset.face.find import find_faces, main_face
from dataset.images import decode_crop, encode_crop
from dataset.splits import Split
from dataset.store import write_dataset
from dataset.tables import FaceTable, no_pairs
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.drawn import CROP, draw_crop
from tests.train.test_commands import Typed, typed  # noqa: F401  a fixture
from train.model import Model, open_model
from train.retrieval import nearest as nearest_module
from train.retrieval.index import FaceIndex, build_index, open_index
from train.retrieval.nearest import NOBODY, nearest, unit_rows
from train.retrieval.recall import measure_recall
from train.retrieval.similar import find_similar

PEOPLE = ("Ann", "Bob", "Cem")


@pytest.fixture(scope="module")
def model(system: TrainedSystem) -> Model:
    return open_model(system.run)


def _crop_of(photo: Path) -> NDArray[np.uint8]:
    face = main_face(find_faces(np.asarray(Image.open(photo).convert("RGB"))))
    assert face is not None
    return decode_crop(encode_crop(face.crop))


@pytest.fixture(scope="module")
def faces(photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ten faces: the photo's own (row 4), one of its person a little brighter (7), and eight others."""
    own = _crop_of(photo)
    rng = np.random.default_rng(3)
    crops = [draw_crop(10.0 * row, rng) for row in range(10)]
    crops[4] = own
    crops[7] = np.clip(own.astype(np.int16) + 12, 0, 255).astype(np.uint8)
    table = FaceTable(
        face_id=np.arange(100, 110),
        subject=np.array([0, 0, 1, 1, 2, -1, 1, 2, -1, 0], np.int32),
        subject_names=PEOPLE,
        split=np.full(10, Split.TRAIN, np.int8),
        age=np.array([5, 15, 25, 35, np.nan, 55, 65, 75, 85, 95], np.float32),
        year=np.array([1990, -1, *range(2000, 2008)], np.int32),
        year_confidence=np.ones(10, np.float32),
        site=("drawn",) * 10,
        site_id=tuple(str(row) for row in range(10)),
    )
    folder = tmp_path_factory.mktemp("faces") / "faces"
    return write_dataset(folder, crops, table, no_pairs(), manifest={"crop": CROP})


@pytest.fixture(scope="module")
def index(model: Model, faces: Path, tmp_path_factory: pytest.TempPathFactory) -> FaceIndex:
    return open_index(build_index(model, [faces], tmp_path_factory.mktemp("index") / "index"), model)


def _rows(count: int, width: int, seed: int) -> NDArray[np.float32]:
    return unit_rows(np.random.default_rng(seed).normal(size=(count, width)).astype(np.float32))


@pytest.mark.parametrize("top", [1, 7, 60])
def test_the_nearest_are_those_of_a_plain_sort(top: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nearest_module, "BLOCK", 64)
    monkeypatch.setattr(nearest_module, "QUERIES", 4)
    features, queries = _rows(500, 16, 0).astype(np.float16), _rows(9, 16, 1)
    found = nearest(features, queries, top=top)
    cosines = queries.astype(np.float64) @ features.astype(np.float64).T
    assert (found.rows == np.argsort(-cosines, axis=1, kind="stable")[:, :top]).all()
    np.testing.assert_allclose(found.cosines, -np.sort(-cosines, axis=1)[:, :top], atol=1e-6)


def test_of_equal_cosines_the_lower_row_comes_first() -> None:
    features = np.zeros((300, 4), np.float32)
    features[:, 0] = 1
    found = nearest(features, features[:1], top=5)
    assert found.rows.tolist() == [[0, 1, 2, 3, 4]]


def test_rows_of_the_querys_own_group_are_left_out_and_a_short_list_says_so() -> None:
    features = _rows(4, 8, 2)
    groups = np.array([0, 0, 1, 2])
    found = nearest(features, features[:1], top=3, groups=groups, groups_of_queries=groups[:1])
    assert set(found.rows[0, :2].tolist()) == {2, 3}
    assert found.rows[0, 2] == NOBODY


def test_rows_have_length_one_and_nothing_stays_nothing() -> None:
    rows = unit_rows(np.array([[3, 4], [0, 0]], np.float32))
    np.testing.assert_allclose(rows, np.array([[0.6, 0.8], [0, 0]]), atol=1e-7)


def test_a_photo_brings_back_its_person_and_not_its_own_file(model: Model, index: FaceIndex, photo: Path) -> None:
    found = find_similar(photo, model, index, top=10)
    assert found.own == 1
    assert [one.rank for one in found.faces] == list(range(1, 10))
    first = found.faces[0]
    assert (first.row, first.subject, first.year, first.age) == (7, "Cem", 2005, 75.0)
    assert 4 not in [one.row for one in found.faces]
    assert (np.diff([one.distance for one in found.faces]) >= 0).all()
    stored = np.asarray(index.datasets[0].crops)
    for one, crop in zip(found.faces, found.crops, strict=True):
        assert (crop == stored[one.row]).all()
    unknown = next(one for one in found.faces if one.row == 5)
    assert unknown.subject is None


def test_distances_are_one_minus_the_cosine_of_the_features(model: Model, index: FaceIndex, photo: Path) -> None:
    from train.predict.faces import at_input_size

    crops = np.stack([_crop_of(photo), *index.datasets[0].crops])
    rows = model.features(at_input_size(crops, model.input_size)).astype(np.float64)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    expected = 1 - rows[1:] @ rows[0]
    for one in find_similar(photo, model, index, top=10).faces:
        assert one.distance == pytest.approx(expected[one.row], abs=1e-3)


def _made(index: FaceIndex, features: NDArray[np.float32]) -> FaceIndex:
    return FaceIndex(index.folder, unit_rows(features).astype(np.float16), index.datasets, index.parts, index.rows)


def test_recall_has_a_worked_value(index: FaceIndex) -> None:
    """On a circle, each face further from the one before: the nearest is always the one before, of the first the next.

    The people are A A B B C - B C - A. Among the five nearest the 5th finds no other C, the 10th no other A.
    """
    turn = np.radians(3.0 * np.array([0, 1, 3, 6, 10, 15, 21, 28, 36, 45]))
    measured = measure_recall(_made(index, np.stack([np.cos(turn), np.sin(turn)], axis=1).astype(np.float32)))
    assert (measured.faces, measured.queries) == (10, 8)
    assert (measured.recall1, measured.recall5, measured.recall10) == (3 / 8, 6 / 8, 1.0)
    assert measured.recall10_by_chance == 1.0  # there are only nine others


def test_chance_is_what_drawing_at_random_gives(model: Model, drawn: Drawn, tmp_path: Path) -> None:
    pairs = open_index(build_index(model, [drawn.pairs], tmp_path / "index"), model)
    measured = measure_recall(pairs)
    rng = np.random.default_rng(0)
    hits = [
        bool({0, 1, 2} & set(rng.choice(39, 10, replace=False).tolist())) for _ in range(20_000)
    ]  # 3 others of one's own among 39
    assert measured.recall10_by_chance == pytest.approx(np.mean(hits), abs=0.015)
    assert measured.recall1 <= measured.recall5 <= measured.recall10 <= 1
    assert measured.age_difference10 is None  # its ages are hidden


def test_ages_by_chance_are_the_mean_over_all_pairs(index: FaceIndex) -> None:
    ages = [5, 15, 25, 35, 55, 65, 75, 85, 95]
    expected = np.mean([abs(a - b) for place, a in enumerate(ages) for b in ages[place + 1 :]])
    assert measure_recall(index).age_difference_by_chance == pytest.approx(expected)


def test_a_face_of_the_same_photo_is_no_answer(model: Model, tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    twice = FaceTable(
        face_id=np.arange(2),
        subject=np.zeros(2, np.int32),
        subject_names=("Ann",),
        split=np.zeros(2, np.int8),
        age=np.full(2, np.nan, np.float32),
        year=np.full(2, -1, np.int32),
        year_confidence=np.zeros(2, np.float32),
        site=("drawn",) * 2,
        site_id=("1", "1"),
    )
    folder = write_dataset(
        tmp_path / "two", [draw_crop(9, rng), draw_crop(9, rng)], twice, no_pairs(), manifest={"crop": CROP}
    )
    with pytest.raises(NothingToDo, match="nobody has two photos"):
        measure_recall(open_index(build_index(model, [folder], tmp_path / "index"), model))


def test_an_index_is_built_once_and_anew_for_other_faces(
    model: Model, faces: Path, drawn: Drawn, tmp_path: Path
) -> None:
    out = build_index(model, [faces], tmp_path / "index")
    before = (out / "features.npy").stat().st_mtime_ns
    build_index(model, [faces], out)
    assert (out / "features.npy").stat().st_mtime_ns == before
    build_index(model, [faces, drawn.pairs], out)
    assert len(open_index(out, model)) == 50


def test_an_index_of_a_dataset_that_changed_is_refused(model: Model, faces: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(faces, tmp_path / "copy")
    out = build_index(model, [copy], tmp_path / "index")
    moved = copy.rename(tmp_path / "moved")
    with pytest.raises(BadInputFile, match="has changed or is gone"):
        open_index(out, model)
    assert len(open_index(out, model, folders=[moved])) == 10
    manifest = json.loads((moved / "manifest.json").read_text())
    (moved / "manifest.json").write_text(json.dumps({**manifest, "note": "one face was taken out"}))
    with pytest.raises(BadInputFile, match="has changed or is gone"):
        open_index(out, model, folders=[moved])


def test_an_index_of_another_net_is_refused(system: TrainedSystem, index: FaceIndex) -> None:
    with pytest.raises(CheckpointMismatch):
        open_index(index.folder, open_model(system.run / "pretrain"))


def test_crops_of_another_kind_and_foreign_folders_are_refused(model: Model, faces: Path, tmp_path: Path) -> None:
    other = shutil.copytree(faces, tmp_path / "other")
    manifest = json.loads((other / "manifest.json").read_text())
    (other / "manifest.json").write_text(json.dumps({**manifest, "crop": {"size": 128, "template": "tight"}}))
    with pytest.raises(WrongUse, match="export the faces with that recipe"):
        build_index(model, [other], tmp_path / "index")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(BadInputFile, match="did not write"):
        build_index(model, [faces], tmp_path / "mine")
    assert (tmp_path / "mine" / "letter.txt").is_file()


def test_the_commands_build_search_draw_and_measure(
    typed: Typed,  # noqa: F811
    system: TrainedSystem,
    faces: Path,
    photo: Path,
) -> None:
    built = json.loads(typed("index", system.run, "--data", faces, "--out", "index", "--json").out)
    assert built["faces"] == 10
    words = ("similar", photo, "--run", system.run, "--index", "index", "--top", "3")
    told = json.loads(typed(*words, "--html", "a.html", "--sheet", "a.jpg", "--json").out)
    assert [one["rank"] for one in told["similar"]] == [1, 2, 3]
    assert told["own_left_out"] == 1
    page = Path("a.html").read_text()
    assert page.count("data:image/jpeg;base64,") == 4
    assert "http" not in page.replace("http-equiv", "")
    assert Image.open("a.jpg").size == (6 * 128, 162)
    assert typed(*words).out.splitlines()[0].startswith("  1  Cem, 2005, aged 75, ")
    measured = json.loads(typed("similar", "--evaluate", "--run", system.run, "--index", "index", "--json").out)
    assert 0 <= measured["recall1"] <= measured["recall10"] <= 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--index", "i"), "name either a photo or --evaluate"),
        (("--evaluate",), "where to search?"),
        (("nobody.jpg", "--index", "i"), "nobody.jpg: there is no such file"),
        (("--evaluate", "--index", "i"), "i: is no index of faces"),
    ],
)
def test_wrong_use_is_one_sentence(
    typed: Typed,  # noqa: F811
    system: TrainedSystem,
    words: tuple[str, ...],
    sentence: str,
) -> None:
    outcome = typed("similar", *words, "--run", system.run)
    assert outcome.code == 2
    assert outcome.err.startswith(f"train: {sentence}")
