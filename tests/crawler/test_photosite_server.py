"""The photo site as a process: it says where it is, serves over HTTP, and ends cleanly."""

import json
import signal
import subprocess
import sys
import urllib.error
from pathlib import Path

import pytest

from tests.crawler.photosites import call, get, jpeg_of, photosite

SEARCH = "flickr.photos.search"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three photos of two people."""
    lines = []
    for number, (subject, width) in enumerate([("Marta_Quillon", 480), ("Marta_Quillon", 1500), ("Otto_Bramberg", 90)]):
        (tmp_path / f"{number}.jpg").write_bytes(jpeg_of(width, 80, (number, 0, 0)))
        title = f"{subject.replace('_', ' ')}, 198{number}"
        lines.append(json.dumps({"file": f"{number}.jpg", "id": str(70 + number), "title": title, "subject": subject}))
    (tmp_path / "photos.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_a_folder_is_served_until_a_signal(folder: Path, end: signal.Signals) -> None:
    with photosite("--folder", str(folder)) as (process, ready):
        assert ready.keys() == {"api", "photos", "names"}
        assert (ready["photos"], ready["names"]) == (3, 2)
        assert ready["api"].startswith("http://127.0.0.1:")
        assert ready["api"].endswith("/services/rest/")
        found = call(ready["api"], method=SEARCH, text='"Marta Quillon"', extras="url_o,url_m")
        posted = call(ready["api"], post=True, method=SEARCH, text='"Marta Quillon"', extras="url_o,url_m")
        assert posted == found
        assert found["photos"]["total"] == "2"
        for photo in found["photos"]["photo"]:
            _, content = get(photo["url_o"])
            assert content == (folder / f"{int(photo['id']) - 70}.jpg").read_bytes()
        process.send_signal(end)
        rest = process.communicate(timeout=20)
        assert rest == ("", "")  # one line on stdout, nothing else anywhere
        assert process.returncode == 0


def test_images_come_with_the_recorded_headers(folder: Path) -> None:
    with photosite("serve", "--folder", str(folder)) as (_, ready):
        found = call(ready["api"], method=SEARCH, text="1980", extras="url_m")
        url = found["photos"]["photo"][0]["url_m"]
        response, _ = get(url)
        assert response.headers["Content-Type"] == "image/jpeg"
        assert response.headers["Cache-Control"] == "public, max-age=31536000"
        assert (response.headers["imagewidth"], response.headers["imageheight"]) == ("480", "80")
        assert response.headers["Last-Modified"].endswith("GMT")
        with pytest.raises(urllib.error.HTTPError) as unchanged:
            get(url, **{"If-None-Match": response.headers["ETag"]})
        assert unchanged.value.code == 304
        with pytest.raises(urllib.error.HTTPError) as missing:
            get(url.replace(".jpg", "_z.jpg"))
        assert missing.value.code == 404
        assert missing.value.read() == b""
        (folder / "2.jpg").unlink()  # the owner took a photo down meanwhile
        gone = call(ready["api"], method=SEARCH, text="1982", extras="url_o")
        with pytest.raises(urllib.error.HTTPError) as deleted:
            get(gone["photos"]["photo"][0]["url_o"])
        assert deleted.value.code == 404


def test_drawn_people_are_served_without_a_folder() -> None:
    with photosite("--people", "2", "--photos", "3", "--seed", "8") as (_, ready):
        assert (ready["photos"], ready["names"]) == (6, 2)
        found = call(ready["api"], method=SEARCH, tags="portrait", extras="url_m,o_dims")
        assert len(found["photos"]["photo"]) == 6
        response, content = get(found["photos"]["photo"][0]["url_m"])
        assert content.startswith(b"\xff\xd8\xff")
        assert response.headers["imagewidth"] == found["photos"]["photo"][0]["o_width"]


@pytest.mark.parametrize(
    ("args", "sentence"),
    [
        ([], "--folder DIR or --people N"),
        (["serve"], "--folder DIR or --people N"),
        (["--folder", "nowhere"], "nowhere: is not a folder"),
        (["--people", "0"], "--people"),
        (["--people", "1", "--host", "203.0.113.7"], "cannot listen on 203.0.113.7"),
        (["sreve"], "did you mean 'serve'"),
    ],
)
def test_wrong_use_is_one_sentence_and_exit_2(args: list[str], sentence: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crawler.photosite", *args]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stdout == ""
    assert sentence in ended.stderr
    assert len(ended.stderr.strip().splitlines()) == 1
