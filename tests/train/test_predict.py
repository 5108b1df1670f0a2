"""`train predict` on drawn people, with the real detector: photos, folders, drawn copies."""

import csv
import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agegap.errors import BadInputFile, NothingToDo, WrongUse
from crawler.photosite.drawn import draw_photo
from dataset.face.find import find_faces, main_face
from dataset.images import decode_crop, encode_crop, read_photo
from dataset.splits import Split
from dataset.store import write_dataset
from dataset.tables import FaceTable, no_pairs
from tests.train.conftest import TrainedSystem
from tests.train.test_commands import Typed, typed  # noqa: F401  a fixture
from train.data import labelled_faces, open_datasets
from train.evaluation.calibration import said_ages
from train.model import Model, open_model
from train.predict.answers import NoAge, PhotoFaces
from train.predict.draw import Copies, copy_name
from train.predict.faces import face_settings
from train.predict.paths import check_paths, photos_of
from train.predict.photos import predict_photos


@pytest.fixture(scope="module")
def model(system: TrainedSystem) -> Model:
    return open_model(system.run)


@pytest.fixture(scope="module")
def two(photo: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn people side by side, the right one at two thirds of the size."""
    left = Image.open(photo).convert("RGB")
    right = None
    for seed in range(20, 40):
        pixels = draw_photo(seed, 60.0, seed)
        if main_face(find_faces(pixels)) is not None:
            right = Image.fromarray(pixels).resize((left.width * 2 // 3, left.height * 2 // 3))
            break
    assert right is not None
    whole = Image.new("RGB", (left.width + right.width, left.height), "white")
    whole.paste(left, (0, 0))
    whole.paste(right, (left.width, 0))
    path = tmp_path_factory.mktemp("two") / "two.png"
    whole.save(path)
    return path


def test_a_photo_gets_the_age_its_face_has_in_a_dataset(model: Model, photo: Path, tmp_path: Path) -> None:
    face = main_face(find_faces(np.asarray(Image.open(photo))))
    assert face is not None
    table = FaceTable(
        face_id=np.array([1]),
        subject=np.array([-1], np.int32),
        subject_names=(),
        split=np.array([Split.TEST], np.int8),
        age=np.array([35], np.float32),
        year=np.array([-1], np.int32),
        year_confidence=np.zeros(1, np.float32),
        site=("drawn",),
        site_id=("1",),
    )
    crop = decode_crop(encode_crop(face.crop))
    folder = write_dataset(tmp_path / "one", [crop], table, no_pairs(), manifest={"crop": model.crop})
    faces = labelled_faces(open_datasets([folder]), "test", input_size=32)
    expected = said_ages(model.distributions(faces.crops), scale=model.interval_scale)
    (answer,) = predict_photos([photo], model)
    assert isinstance(answer, PhotoFaces)
    (said,) = answer.ages
    assert said.image == str(photo)
    assert (said.age, said.low, said.high) == tuple(
        round(float(value[0]), 1) for value in (expected.age, expected.low, expected.high)
    )
    assert said.low <= said.age <= said.high


def test_photos_without_an_age_say_why_and_the_order_is_kept(model: Model, photo: Path, tmp_path: Path) -> None:
    empty, broken, tiny = tmp_path / "empty.png", tmp_path / "broken.jpg", tmp_path / "tiny.png"
    Image.new("RGB", (200, 200), "grey").save(empty)
    broken.write_bytes(b"\xff\xd8\xff not a photo")
    Image.new("RGB", (1, 1)).save(tiny)
    answers = list(predict_photos([empty, photo, broken, tiny], model))
    assert [one.reason if isinstance(one, NoAge) else "age" for one in answers] == [
        *("no_face", "age", "unreadable", "too_small")
    ]
    assert [one.image for one in answers if isinstance(one, NoAge)] == [str(empty), str(broken), str(tiny)]


def test_all_faces_of_a_photo_are_answered_the_main_one_first(model: Model, two: Path) -> None:
    (main,) = predict_photos([two], model)
    (every,) = predict_photos([two], model, which="all")
    assert isinstance(main, PhotoFaces)
    assert isinstance(every, PhotoFaces)
    assert len(main.ages) == 1
    assert len(every.ages) == main.ages[0].faces == 2
    assert every.ages[0].box == main.ages[0].box
    assert every.ages[0].age == pytest.approx(main.ages[0].age, abs=0.11)
    assert [one.face for one in every.ages] == [1, 2]
    middle = Image.open(two).width * 3 / 5
    assert every.ages[0].box[0] < middle < every.ages[1].box[0] + every.ages[1].box[2]


def test_boxes_are_in_pixels_of_the_photo_though_it_was_read_smaller(model: Model, photo: Path, tmp_path: Path) -> None:
    small = Image.open(photo)
    factor = 3000 // max(small.size) + 1
    large = tmp_path / "large.png"
    small.resize((small.width * factor, small.height * factor), Image.Resampling.BICUBIC).save(large)
    assert read_photo(large).scale > 1
    (first,), (second,) = predict_photos([photo], model), predict_photos([large], model)
    assert isinstance(first, PhotoFaces)
    assert isinstance(second, PhotoFaces)
    expected = np.array(first.ages[0].box) * factor
    np.testing.assert_allclose(second.ages[0].box, expected, atol=0.08 * expected[2])


def test_photos_are_looked_at_as_they_come_and_not_all_at_once(model: Model, photo: Path) -> None:
    given = 0

    def endless() -> object:
        nonlocal given
        while True:
            given += 1
            yield photo

    answers = predict_photos(endless(), model)  # type: ignore[arg-type]
    next(answers)
    assert given <= 32


def test_the_face_is_cut_as_the_net_was_trained() -> None:
    assert face_settings({"size": 128, "template": "tight"}).template == "tight"
    with pytest.raises(WrongUse, match="template 'oval'"):
        face_settings({"size": 128, "template": "oval"})


def test_a_folder_gives_its_photos_by_name_and_nothing_else(tmp_path: Path) -> None:
    for name in ("b.JPG", "a.png", "notes.txt", ".hidden.jpg", "film.mp4", "sub/c.webp", ".git/d.jpg"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [path.relative_to(tmp_path).as_posix() for path in photos_of([tmp_path])]
    assert found == ["a.png", "b.JPG", "sub/c.webp"]


def test_a_folder_without_photos_and_a_path_that_is_not_there_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NothingToDo, match="no photo in this folder"):
        check_paths([tmp_path])
    with pytest.raises(BadInputFile, match="no such file or folder"):
        check_paths([tmp_path / "nothing.jpg"])


def test_copies_keep_their_place_in_the_folder_and_never_overwrite_each_other(tmp_path: Path) -> None:
    copies, image = Copies(tmp_path), Image.new("RGB", (8, 8))
    named = [Path("in")]
    names = [copy_name(path, named) for path in (Path("in/sub/a.jpg"), Path("x/b.png"), Path("y/b.png"))]
    written = [copies.save(image, name).relative_to(tmp_path).as_posix() for name in names]
    assert written == ["sub/a.jpg", "b.png.jpg", "b.png-2.jpg"]


def test_lines_csv_and_json_say_the_same(typed: Typed, system: TrainedSystem, two: Path) -> None:  # noqa: F811
    words = ("predict", two, "--run", system.run, "--faces", "all")
    whole = json.loads(typed(*words, "--json").out)
    lines = [json.loads(line) for line in typed(*words, "--format", "lines").out.splitlines()]
    assert lines == whole["images"]
    assert typed(*words, "--out", "answers.csv").out == ""
    rows = list(csv.DictReader(io.StringIO(Path("answers.csv").read_text())))
    assert [float(row["age"]) for row in rows] == [line["age"] for line in lines]
    assert [[float(row[side]) for side in ("left", "top", "width", "height")] for row in rows] == [
        line["box"] for line in lines
    ]


def test_a_folder_is_answered_and_what_gave_no_age_is_counted(
    typed: Typed,  # noqa: F811
    system: TrainedSystem,
    photo: Path,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    (folder / "person.png").write_bytes(photo.read_bytes())
    for number in range(5):
        Image.new("RGB", (200, 200), (number, 90, 90)).save(folder / f"empty{number}.png")
    outcome = typed("predict", folder, "--run", system.run, "--draw", tmp_path / "drawn")
    assert outcome.code == 1
    assert outcome.out.startswith(str(folder / "person.png"))
    assert "train: 5 of 6 photos gave no age (no_face 5), the first " in outcome.err
    copy = np.asarray(Image.open(tmp_path / "drawn" / "person.png.jpg").convert("RGB"), np.int16)
    original = np.asarray(Image.open(photo).convert("RGB"), np.int16)
    assert copy.shape == original.shape
    yellow = (copy[..., 0] > 200) & (copy[..., 1] > 150) & (copy[..., 2] < 80)
    assert yellow.sum() > 100
    untouched = np.abs(copy - original).max(axis=2) < 40
    assert 0.6 < untouched.mean() < 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ((), "nothing to look at"),
        (("--camera", "97"), "camera 97 gives no picture"),
        (("film.mp4",), "film.mp4: cannot be read as a video"),
        (("empty",), "empty: no photo in this folder"),
        (("a.jpg", "--json", "--format", "csv"), "--json and --format contradict"),
    ],
)
def test_wrong_use_is_one_sentence(
    typed: Typed,  # noqa: F811
    system: TrainedSystem,
    words: tuple[str, ...],
    sentence: str,
) -> None:
    Path("film.mp4").write_bytes(b"no film at all")
    Path("empty").mkdir()
    outcome = typed("predict", *words, "--run", system.run)
    assert outcome.code == 2
    assert outcome.err.strip().splitlines()[-1].startswith(f"train: {sentence}")
    assert "Traceback" not in outcome.err
