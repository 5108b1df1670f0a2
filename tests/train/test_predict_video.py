"""People in a drawn video: followed by overlap, one line each, whatever the detector misses."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from agegap.errors import BadInputFile
from dataset.face.find import find_faces
from tests.train.conftest import TrainedSystem
from train.model import Model, open_model
from train.predict.answers import PhotoFaces
from train.predict.frames import Frame, look_at_frames
from train.predict.photos import predict_photo
from train.predict.tracks import Followed, Seen, follow, overlap
from train.predict.video import predict_video

RATE = 10


@pytest.fixture(scope="module")
def model(system: TrainedSystem) -> Model:
    return open_model(system.run)


@pytest.fixture(scope="module")
def person(photo: Path) -> NDArray[np.uint8]:
    return np.asarray(Image.open(photo).convert("RGB"), np.uint8)


def scene(person: NDArray[np.uint8], shift: int) -> NDArray[np.uint8]:
    """Return a wide grey frame with the person `shift` pixels from the left."""
    height, width = person.shape[:2]
    frame = np.full((height, width * 2, 3), 127, np.uint8)
    frame[:, shift : shift + width] = person
    return frame


@pytest.fixture(scope="module")
def film(person: NDArray[np.uint8], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two seconds of somebody who walks to the right, two of nobody, one of somebody at the right."""
    step = person.shape[1] // 40
    shifts: list[int | None] = [number * step for number in range(2 * RATE)]
    shifts += [None] * (2 * RATE)
    shifts += [person.shape[1] - 2] * RATE
    path = tmp_path_factory.mktemp("film") / "film.avi"
    height, width = person.shape[0], person.shape[1] * 2
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), RATE, (width, height))
    assert writer.isOpened()
    for shift in shifts:
        frame = np.full((height, width, 3), 127, np.uint8) if shift is None else scene(person, shift)
        writer.write(cv2.cvtColor(frame, cv2.COLOR_RGB2BGR))
    writer.release()
    return path


def test_overlap_has_worked_values() -> None:
    shares = overlap([(0, 0, 10, 10), (0, 0, 0, 0)], [(0, 0, 10, 10), (5, 0, 10, 10), (20, 20, 5, 5)])
    np.testing.assert_allclose(shares, np.array([[1, 1 / 3, 0], [0, 0, 0]]))
    assert overlap([], [(0, 0, 1, 1)]).shape == (0, 1)


def test_faces_keep_their_tracks_whatever_order_they_are_found_in() -> None:
    first = follow((), [(0, 0, 10, 10), (50, 0, 10, 10)], 0.0, next_track=1)
    assert first.tracks == (1, 2)
    second = follow(first.alive, [(52, 0, 10, 10), (2, 0, 10, 10)], 0.2, next_track=first.next_track)
    assert second.tracks == (2, 1)


def test_a_track_is_given_to_the_face_that_overlaps_most() -> None:
    alive = (Seen(1, (0, 0, 10, 10), 0.0),)
    now = follow(alive, [(4, 0, 10, 10), (1, 0, 10, 10)], 0.2, next_track=2)
    assert now.tracks == (2, 1)


def test_a_face_may_be_unseen_for_a_second_and_no_longer() -> None:
    def back_after(seconds: float) -> Followed:
        return follow((Seen(1, (0, 0, 10, 10), 0.0),), [(0, 0, 10, 10)], seconds, next_track=2)

    assert back_after(0.9).tracks == (1,)
    late = back_after(1.1)
    assert late.tracks == (2,)
    assert late.ended == (1,)


def test_every_nth_frame_is_looked_at_at_its_time(film: Path) -> None:
    times = [frame.time_s for frame in look_at_frames(film, every=7)]
    assert times == pytest.approx([number / RATE for number in range(0, 5 * RATE, 7)])
    assert len(list(look_at_frames(film))) == 5 * 5  # five looks a second
    assert max(frame.time_s for frame in look_at_frames(film, seconds=1.0)) < 1.0


def test_frames_are_rgb_and_upright(film: Path, person: NDArray[np.uint8]) -> None:
    first = next(iter(look_at_frames(film)))
    seen = first.pixels[:, : person.shape[1]].astype(float)
    assert np.abs(seen - person).mean() < 8
    assert np.abs(seen[..., ::-1] - person).mean() > 8


def test_each_person_is_one_line_with_an_age_over_time(model: Model, film: Path, photo: Path) -> None:
    people = sorted(
        (one.said for one in predict_video(look_at_frames(film, every=2), model, video="film")),
        key=lambda one: one.from_s,
    )
    assert [one.person for one in people] == [1, 2]
    first, second = people
    assert (first.from_s, first.to_s, first.looks) == (0.0, 1.8, 10)
    assert (second.from_s, second.to_s, second.looks) == (4.0, 4.8, 5)
    assert len(first.ages) == first.looks
    assert [when for when, _ in first.ages] == pytest.approx([0.2 * number for number in range(10)])
    for one in people:
        assert one.low <= one.age <= one.high
        # The mean of distributions has the mean of their means.
        assert one.age == pytest.approx(np.mean([age for _, age in one.ages]), abs=0.1)
    still = predict_photo(photo, model)
    assert isinstance(still, PhotoFaces)
    assert first.age == pytest.approx(still.ages[0].age, abs=6)  # JPEG frames, another place in the frame


def test_people_are_told_as_they_leave(model: Model, person: NDArray[np.uint8]) -> None:
    given = 0

    def endless() -> Iterator[Frame]:
        nonlocal given
        while True:
            pixels = scene(person, 0) if given < 2 else np.full((*person.shape[:2], 3), 127, np.uint8)
            yield Frame(pixels, given * 0.5)
            given += 1

    first = next(iter(predict_video(endless(), model, video="endless", keep_best=True)))
    assert first.said.looks == 2
    assert given <= 5
    assert first.best is not None
    assert len(find_faces(first.best.pixels)) >= 1


def test_a_file_without_frames_is_refused(tmp_path: Path) -> None:
    (tmp_path / "film.mp4").write_bytes(b"\x00" * 400)
    with pytest.raises(BadInputFile, match="cannot be read as a video"):
        next(iter(look_at_frames(tmp_path / "film.mp4")))


def test_an_interrupt_ends_a_camera_and_raises_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    class Camera:
        """Grey frames without end."""

        def __init__(self, _number: int) -> None: ...

        def isOpened(self) -> bool:  # noqa: N802  OpenCV's name
            return True

        def get(self, _name: int) -> float:
            return 30.0

        def grab(self) -> bool:
            return True

        def retrieve(self) -> tuple[bool, NDArray[np.uint8]]:
            return True, np.zeros((8, 8, 3), np.uint8)

        def release(self) -> None: ...

    monkeypatch.setattr("cv2.VideoCapture", Camera)
    seen = 0
    for _ in look_at_frames(0, every=1):
        seen += 1
        if seen == 3:
            os.kill(os.getpid(), signal.SIGINT)
    assert seen == 3
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
