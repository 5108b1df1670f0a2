"""The page of `train app` answers what `train predict` does, to a program and in a browser, and asks nobody else."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from tests.train.browser import CHROMIUM, open_tab
from tests.train.conftest import Drawn, TrainedSystem
from train.app.answer import answer_photo
from train.app.drawing import distribution_drawing
from train.model import open_model
from train.predict.answers import PhotoFaces
from train.predict.photos import predict_photo

pytest.importorskip("gradio", reason="needs the extra 'app'")
pytestmark = pytest.mark.slow

FILE_INPUT = "#photo input[type=file]"


@dataclass(frozen=True)
class Page:
    """A page served by a process of its own."""

    url: str
    process: subprocess.Popen[str]
    uploads: Path


def _free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


def _start(*words: object, temporary: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", "from train.cli import main; main()", "app", *map(str, words)],
        env={**os.environ, "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture(scope="module")
def page(system: TrainedSystem, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    temporary = tmp_path_factory.mktemp("temporary")
    index = tmp_path_factory.mktemp("index") / "index"
    process = _start(
        system.run, "--data", drawn.test, "--index", index, "--top", 5, "--port", _free_port(), temporary=temporary
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("http://127.0.0.1:"):
        process.kill()
        pytest.fail(line + process.communicate()[1])
    yield Page(line.split()[0], process, temporary)
    process.kill()
    process.communicate()


@pytest.fixture(scope="module")
def expected(system: TrainedSystem, photo: Path) -> PhotoFaces:
    said = predict_photo(photo, open_model(system.run))
    assert isinstance(said, PhotoFaces)
    return said


def _asked(page: Page, photo: Path) -> tuple[str, dict[str, Any]]:
    from gradio_client import Client, handle_file  # type: ignore[import-untyped]

    shown, facts = Client(page.url, verbose=False).predict(handle_file(str(photo)), api_name="/age")
    return shown, facts


def test_a_program_is_answered_what_predict_says(page: Page, photo: Path, expected: PhotoFaces) -> None:
    shown, facts = _asked(page, photo)
    (face,) = facts["faces"]
    wanted = {key: value for key, value in asdict(expected.ages[0]).items() if key != "image"}
    assert face == json.loads(json.dumps(wanted))
    assert f"<b>{wanted['age']:.0f}</b> years" in shown
    assert [one["rank"] for one in facts["similar"]] == [1, 2, 3, 4, 5]
    assert not re.search(r'(src|href)="(?!data:)', shown)


@pytest.mark.parametrize("name", ["empty.png", "letter.jpg"])
def test_what_is_no_photo_of_a_face_is_answered_in_a_sentence(page: Page, tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    if name == "empty.png":
        Image.new("RGB", (200, 200), "grey").save(path)
    else:
        path.write_text("no photo at all")
    shown, facts = _asked(page, path)
    sentence = {"empty.png": "No face found in this photo.", "letter.jpg": "This file is not an image."}[name]
    assert sentence in shown
    assert facts["reason"] == {"empty.png": "no_face", "letter.jpg": "unreadable"}[name]


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed here")
def test_a_browser_uploads_and_reads_and_asks_no_other_machine(
    page: Page, photo: Path, expected: PhotoFaces, tmp_path: Path
) -> None:
    async def look() -> None:
        async with open_tab(tmp_path / "profile") as tab:
            await tab.window(1280, 900)
            await tab.call("Page.navigate", url=page.url)
            await tab.until(f"!!document.querySelector('{FILE_INPUT}')")
            await tab.upload(FILE_INPUT, photo)
            told = await tab.until("document.querySelector('#answer .agegap-age')?.textContent")
            assert told == f"{expected.ages[0].age:.0f} years"
            pictures = "Array.from(document.querySelectorAll('#answer img'), one => one.naturalWidth)"
            widths = await tab.until(f"(w => w.every(Boolean) && w)({pictures})")
            assert len(widths) == 2 + 5
            assert await tab.evaluate("document.querySelectorAll('#answer svg rect').length") == 101
            for width in (1280, 390):
                await tab.window(width, 844)
                assert await tab.evaluate("document.documentElement.scrollWidth") <= width
            foreign = [one for one in tab.asked if not one.startswith((page.url, "data:", "blob:"))]
            assert foreign == []
            assert len(tab.asked) > 10
            assert tab.complaints == []

    asyncio.run(look())


def _film(photo: Path, path: Path) -> Path:
    """Write a photo as an endless film of 640x480, as Chromium wants it: YUV4MPEG2."""
    image = Image.open(photo).convert("RGB")
    image.thumbnail((640, 480))
    frame = Image.new("RGB", (640, 480), "grey")
    frame.paste(image, ((640 - image.width) // 2, (480 - image.height) // 2))
    planes = cv2.cvtColor(np.asarray(frame), cv2.COLOR_RGB2YUV_I420)
    path.write_bytes(b"YUV4MPEG2 W640 H480 F10:1 Ip A1:1 C420\n" + (b"FRAME\n" + planes.tobytes()) * 3)
    return path


@pytest.mark.skipif(CHROMIUM is None, reason="needs chromium, which is not installed here")
def test_the_camera_is_answered_too(page: Page, photo: Path, tmp_path: Path) -> None:
    async def look() -> None:
        async with open_tab(tmp_path / "profile", camera=_film(photo, tmp_path / "film.y4m")) as tab:
            await tab.window(1280, 900)
            await tab.call("Page.navigate", url=page.url)
            await tab.click('#photo button[aria-label="Capture from camera"]')
            await tab.click('#photo [title="grant webcam access"] button')
            await tab.until("document.querySelector('#photo video')?.videoWidth > 0")
            await tab.click('#photo button[aria-label="capture photo"]')
            told = await tab.until("document.querySelector('#answer .agegap-age')?.textContent")
            assert re.fullmatch(r"\d+ years", told)

    asyncio.run(look())


def test_a_port_that_is_taken_is_one_sentence(page: Page, system: TrainedSystem, tmp_path: Path) -> None:
    port = int(page.url.rstrip("/").rsplit(":", 1)[1])
    process = _start(system.run, "--port", port, temporary=tmp_path)
    _, told = process.communicate(timeout=100)
    assert process.returncode == 2
    assert told.strip().splitlines()[-1].startswith(f"train: 127.0.0.1:{port}: cannot be served there")
    assert "Traceback" not in told


def test_ctrl_c_ends_it_and_deletes_what_was_uploaded(page: Page, photo: Path) -> None:
    """The last of this file: the page is gone afterwards."""
    _asked(page, photo)
    assert [path for path in page.uploads.rglob("*.png") if path.is_file()]
    page.process.send_signal(signal.SIGINT)
    assert page.process.wait(timeout=60) == 0
    assert not list(page.uploads.glob("agegap-app-*"))


def test_several_faces_are_said_in_one_sentence_and_all_are_drawn(
    system: TrainedSystem, photo: Path, tmp_path: Path
) -> None:
    one = Image.open(photo).convert("RGB")
    both = Image.new("RGB", (one.width * 2, one.height), "white")
    both.paste(one, (0, 0))
    both.paste(one.transpose(Image.Transpose.FLIP_LEFT_RIGHT), (one.width, 0))
    both.save(tmp_path / "both.png")
    answer = answer_photo(tmp_path / "both.png", open_model(system.run), None, top=3)
    assert "This is the largest of 2 faces." in answer.shown
    assert len(answer.facts["faces"]) == 2
    assert "similar" not in answer.facts


def test_the_bars_are_as_high_as_the_shares(expected: PhotoFaces) -> None:
    drawing = distribution_drawing(expected.shares[0], expected.ages[0])
    heights = np.array([float(height) for height in re.findall(r'<rect[^>]* height="([\d.]+)"', drawing)])
    assert np.corrcoef(heights, expected.shares[0])[0, 1] > 0.9999
    assert f"{expected.ages[0].age:.0f} years are said" in drawing
