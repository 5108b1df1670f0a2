"""`train predict` on drawn people, with the real detector."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from agegap.errors import WrongUse
from dataset.face.find import find_faces, main_face
from dataset.images import decode_crop, encode_crop
from dataset.splits import Split
from dataset.store import write_dataset
from dataset.tables import FaceTable, no_pairs
from tests.train.conftest import TrainedSystem
from train.calibration import said_ages
from train.data import labelled_faces, open_datasets
from train.devices import choose_machine, place
from train.evaluate import TrainedNet, open_net
from train.inference import distributions
from train.predict import face_settings, predict


@pytest.fixture(scope="module")
def trained(system: TrainedSystem) -> TrainedNet:
    return open_net(system.run)


def test_a_photo_gets_the_age_its_face_has_in_a_dataset(trained: TrainedNet, photo: Path, tmp_path: Path) -> None:
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
    folder = write_dataset(tmp_path / "one", [crop], table, no_pairs(), manifest={"crop": trained.checkpoint.crop})
    faces = labelled_faces(open_datasets([folder]), "test", input_size=32)
    machine = choose_machine("float32")
    shares = distributions(place(trained.net, machine), faces.crops, machine=machine)
    expected = said_ages(shares, scale=trained.checkpoint.interval_scale)
    (answer,) = predict([photo], trained).ages
    assert answer.image == str(photo)
    assert answer.age == round(float(expected.age[0]), 1)
    assert answer.low == round(float(expected.low[0]), 1)
    assert answer.high == round(float(expected.high[0]), 1)
    assert answer.low <= answer.age <= answer.high


def test_photos_without_an_age_say_why_and_the_others_are_answered(
    trained: TrainedNet, photo: Path, tmp_path: Path
) -> None:
    empty, broken, tiny = tmp_path / "empty.png", tmp_path / "broken.jpg", tmp_path / "tiny.png"
    Image.new("RGB", (200, 200), "grey").save(empty)
    broken.write_bytes(b"\xff\xd8\xff not a photo")
    Image.new("RGB", (1, 1)).save(tiny)
    answers = predict([empty, photo, broken, tiny], trained)
    assert [one.image for one in answers.ages] == [str(photo)]
    assert [one.image for one in answers.failed] == [str(empty), str(broken), str(tiny)]
    assert [one.reason for one in answers.failed] == ["no_face", "unreadable", "too_small"]


def test_nothing_but_faceless_photos_gives_no_ages(trained: TrainedNet, tmp_path: Path) -> None:
    Image.new("RGB", (200, 200), "grey").save(tmp_path / "empty.png")
    answers = predict([tmp_path / "empty.png"], trained)
    assert not answers.ages
    assert len(answers.failed) == 1


def test_the_face_is_cut_as_the_net_was_trained() -> None:
    assert face_settings({"size": 128, "template": "tight"}).template == "tight"
    with pytest.raises(WrongUse, match="template 'oval'"):
        face_settings({"size": 128, "template": "oval"})
