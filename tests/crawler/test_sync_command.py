"""`scrapy sync` as a user runs it, against a small site in this process."""

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import pytest
from sqlalchemy import select

from db.models import Photo
from db.session import open_catalog
from tests.crawler.crawling import Workplace, ended
from tests.crawler.fake_site import KEY
from tests.curation.filled import filling, noise


class _Answers(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    """As the sites speak. HTTP/1.0 closes after each answer, and Scrapy may send its next call into that connection:
    a call lost, and tried again."""
    bodies: list[str] = []  # noqa: RUF012  the test's own server

    def do_POST(self) -> None:
        """Answer getInfo: photo 2 is gone, photo 3 all rights reserved."""
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.bodies.append(body)
        photo_id = parse_qs(body)["photo_id"][0]
        answer: dict[str, object] = {"stat": "fail", "code": 1, "message": "Photo not found"}
        if photo_id != "2":
            answer = {"stat": "ok", "photo": {"id": photo_id, "license": "0" if photo_id == "3" else "4"}}
        content = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@pytest.fixture
def api() -> Iterator[str]:
    _Answers.bodies.clear()
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/services/rest/"
        server.shutdown()


def test_the_command_checks_removes_and_tells(catalog_url: str, tmp_path: Path, api: str) -> None:
    place = Workplace(tmp_path, catalog_url)
    engine = open_catalog(catalog_url)
    with filling(engine, place.data) as fill:
        for number in (1, 2, 3):
            photo = fill.photo(str(number), licence="4", path=f"photos/{number}.jpg")
            fill.face(photo, crop=noise(number))
    run = ended(place.start("sync", "--site", "flickr", "-a", f"api={api}", "--json"))
    assert run.returncode == 0, run.stderr
    result = json.loads(run.stdout)
    assert (result["checked"], result["removed"], result["calls"]) == (3, {"gone": 1, "licence": 1}, 3)
    assert "curate takedown --exports" in run.stderr
    assert all(f"api_key={KEY}" in body for body in _Answers.bodies)
    assert KEY not in run.stderr + run.stdout
    with engine.connect() as connection:
        assert list(connection.scalars(select(Photo.site_id))) == ["1"]
    engine.dispose()


def test_wrong_use_is_one_sentence(tmp_path: Path) -> None:
    place = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    run = ended(place.start("sync"))
    assert (run.returncode, run.stdout) == (2, "")
    assert "the catalog has no photos of flickr or commons" in run.stderr
    run = ended(place.start("sync", "--site", "flick"))
    assert run.returncode == 2
    assert "did you mean 'flickr'?" in run.stderr
