"""`main_face = "subject"` from end to end: of two people in a photo the one of the other photos is the subject."""

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from numpy.typing import NDArray
from PIL import Image
from sqlalchemy import Engine

from curation.cli import curate
from dataset.face.embedders.known import EMBEDDERS, load_embedder
from tests.curation.face_photos import add_photos, couple, face_rows, jpeg, person
from tests.curation.people_points import Crowd

SUBJECTS, PHOTOS = 8, 7
STRANGER = 12
_STEP = 16  # grey values between two people: JPEG moves them by less


class Stamped:
    """Reads who stands left and right from the grey of the photo's upper corners."""

    name = "stamped"

    def embed(self, image: NDArray[np.uint8], landmarks: NDArray[np.float64]) -> NDArray[np.float32]:
        is_left = landmarks[:, 0].mean() < image.shape[1] / 2
        grey = image[1:7, 1:7] if is_left else image[1:7, -7:-1]
        who = round(float(grey.mean()) / _STEP)
        take = int(image.sum()) % 10_000
        vector: NDArray[np.float64] = Crowd(drift=0.0, noise=0.3).photos(who, np.array([20.0]), take=take)[0]
        return vector.astype(np.float32)


@pytest.fixture(autouse=True)
def _stamped(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(EMBEDDERS, "stamped", lambda _: Stamped())
    load_embedder.cache_clear()
    yield
    load_embedder.cache_clear()


def stamp(photo: bytes, left: int, right: int, *, number: int) -> bytes:
    """Return a photo with the two people's greys in its corners, unlike the one of another `number`."""
    with Image.open(BytesIO(photo)) as opened:
        image = np.array(opened.convert("RGB"))
    image[:8, :8], image[:8, -8:] = left * _STEP, right * _STEP
    image[-8:, :8] = number * 3
    return jpeg(image)


def say(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(curate, [*arguments, "--json"], catch_exceptions=False)
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def test_the_smaller_face_becomes_the_subject_s_when_it_looks_like_the_subject(
    sqlite_catalog: Engine, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    photos = {
        f"{who}-{number}": stamp(person(0), who, who, number=number)
        for who in range(SUBJECTS)
        for number in range(PHOTOS)
    }
    subjects = {key: [f"Subject_{key[0]}"] for key in photos}
    photos["both"] = stamp(couple(0), STRANGER, 0, number=PHOTOS)
    photos["of-nobody"] = stamp(couple(0), STRANGER, 1, number=PHOTOS)
    add_photos(sqlite_catalog, data, photos, subjects={**subjects, "both": ["Subject_0"]})
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGEGAP_CATALOG", f"sqlite:///{tmp_path / 'catalog.db'}")
    monkeypatch.setenv("AGEGAP_DATA", str(data))
    verify = ("verify", "--embedder", "stamped", "--workers", "0", "--min-score", "0")

    say("faces", "--workers", "0")
    assert of_photo(sqlite_catalog, "both") == [("Subject_0", None), (None, "other_face")]
    assert say(*verify)["embedded"] == SUBJECTS * PHOTOS + 1  # the face found beside the main one is nobody's
    monkeypatch.setenv("AGEGAP_CURATE_FACES_MAIN_FACE", "subject")
    assert say("filter")["moved"] == {}
    assert say(*verify)["embedded"] == 1  # that one, but none of the photo that was found under no name
    assert say("filter")["moved"] == {"kept -> other_face": 1, "other_face -> kept": 1}
    assert of_photo(sqlite_catalog, "both") == [(None, "other_face"), ("Subject_0", None)]
    assert say("faces", "--workers", "0")["scanned"] == 0
    assert of_photo(sqlite_catalog, "both") == [(None, "other_face"), ("Subject_0", None)]


def of_photo(engine: Engine, site_id: str) -> list[tuple[str | None, str | None]]:
    return [(row["subject"], row["drop_reason"]) for row in face_rows(engine) if row["site_id"] == site_id]
