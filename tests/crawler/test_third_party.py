"""Clients that others wrote for the real site run against ours with only the host changed, and find the right photos.

Each client runs in a process of its own, where the host of its requests is ours and only its pauses are shorter.
"""

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.crawler.photosites import call, control, jpeg_of, photosite

TITLES = {"71": "Marta Quillon, 1981", "72": "Marta Quillon at sea", "73": "Otto Bramberg, 1983"}
OF_MARTA = {"71", "72"}


def client(package: str) -> pytest.MarkDecorator:
    """Skip where the client is not installed."""
    return pytest.mark.skipif(importlib.util.find_spec(package) is None, reason=f"{package} is not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of two people, larger than the largest size a client may prefer."""
    folder = tmp_path_factory.mktemp("site")
    lines = []
    for number, (photo_id, title) in enumerate(TITLES.items()):
        (folder / f"{photo_id}.jpg").write_bytes(jpeg_of(900 + number, 700, (40 * number, 90, 60)))
        record = {
            "file": f"{photo_id}.jpg", "id": photo_id, "title": title, "description": f"<b>{title}</b> & more",
            "tags": ["Old Box", "1981"], "date_taken": "1981-03" if number else None, "license": "5",
            "ownername": "oldbox", "date_upload": 1_500_000_000 + number, "subject": "unused",
        }  # fmt: skip
        lines.append(json.dumps(record))
    (folder / "photos.jsonl").write_text("\n".join(lines), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def api(folder: Path) -> Iterator[str]:
    with photosite("--folder", str(folder)) as (_, ready):
        yield ready["api"]


def run(script: str, *arguments: str, folder: Path) -> str:
    """Run a client's script; return what it printed."""
    command = [sys.executable, "-c", script, *arguments]
    direct = {**os.environ, "NO_PROXY": "*", "no_proxy": "*"}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False, cwd=folder, env=direct)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def files_below(folder: Path) -> set[bytes]:
    return {path.read_bytes() for path in folder.rglob("*.jpg")}


GALLERY_DL = """
import sys
import gallery_dl, gallery_dl.extractor.flickr as flickr
api = sys.argv.pop(1)
flickr.FlickrAPI.API_URL = api
flickr.FlickrExtractor.root = api.replace("/services/rest/", "")
flickr.FlickrExtractor.request_interval = flickr.FlickrExtractor.request_interval_min = 0
sys.exit(gallery_dl.main())
"""


def gallery_dl(api: str, url: str, out: Path, *options: str) -> list[dict[str, Any]]:
    """Run gallery-dl on a flickr.com URL; return the metadata files it wrote."""
    settings = ["--config-ignore", "--no-part", "--write-metadata"]
    run(GALLERY_DL, api, *settings, "-d", str(out), *options, url, folder=out)
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(out.rglob("*.json"))]


@client("gallery_dl")
def test_gallery_dl_fetches_the_originals_of_a_search(api: str, folder: Path, tmp_path: Path) -> None:
    url = "https://www.flickr.com/search/?text=%22Marta%20Quillon%22"
    found = gallery_dl(api, url, tmp_path, "-o", "metadata=true", "-o", "exif=true", "-o", "info=true")
    assert {str(entry["id"]) for entry in found} == OF_MARTA
    assert files_below(tmp_path) == {(folder / f"{photo_id}.jpg").read_bytes() for photo_id in OF_MARTA}
    for entry in found:
        assert entry["title"] == TITLES[str(entry["id"])]
        assert entry["description"] == f"<b>{entry['title']}</b> & more"
        assert (entry["license"], entry["tags"]) == ("5", ["Old Box", "1981"])  # raw tags: it asked getInfo for them
        assert (entry["width"], entry["label"]) == (900 + int(entry["id"]) - 71, "Original")


@client("gallery_dl")
def test_gallery_dl_fetches_the_photos_of_an_owner(api: str, tmp_path: Path) -> None:
    owner = call(api, method="flickr.people.findByUsername", username="oldbox")["user"]["nsid"]
    found = gallery_dl(api, f"https://www.flickr.com/photos/{owner}/", tmp_path)
    assert {str(entry["id"]) for entry in found} == set(TITLES)
    assert {entry["user"]["username"] for entry in found} == {"oldbox"}


ICRAWLER = """
import sys, requests
ours = sys.argv[1].replace("/services/rest/", "")
request = requests.Session.request
def on_our_host(self, method, url, *args, **kwargs):
    return request(self, method, url.replace("https://api.flickr.com", ours), *args, **kwargs)
requests.Session.request = on_our_host
from icrawler.builtin import FlickrImageCrawler
crawler = FlickrImageCrawler("k", storage={"root_dir": sys.argv[2]}, log_level=40)
crawler.crawl(max_num=2, text='"Marta Quillon"', per_page=2, max_idle_time=2)
"""


@pytest.mark.slow
@client("icrawler")
def test_icrawler_fetches_the_originals_of_a_search(api: str, folder: Path, tmp_path: Path) -> None:
    run(ICRAWLER, api, str(tmp_path / "out"), folder=tmp_path)
    assert files_below(tmp_path / "out") == {(folder / f"{photo_id}.jpg").read_bytes() for photo_id in OF_MARTA}


FLICKR_PHOTOS_API = """
import json, sys
from flickr_photos_api import FlickrPhotosApi, ResourceNotFound
api = FlickrPhotosApi(api_key="k", user_agent="test")
api.client.base_url = sys.argv[1]
try:
    api.get_single_photo(photo_id="12345")
    missing = False
except ResourceNotFound:
    missing = True
user = api.lookup_user_by_url(url=sys.argv[2])
photos = [api.get_single_photo(photo_id=photo_id) for photo_id in ("71", "72")]
public = api.get_public_photos_by_user(user_url=sys.argv[2])["photos"]
print(json.dumps({"missing": missing, "user": user, "photos": photos, "public": public}, default=str))
"""


@client("flickr_photos_api")
def test_flickr_photos_api_reads_photos_owners_and_licences(api: str, tmp_path: Path) -> None:
    owner = call(api, method="flickr.people.findByUsername", username="oldbox")["user"]["nsid"]
    control(api, "faults", {"old_licences": True})  # version 1.3.1 knows the licences under their older names only
    told = json.loads(
        run(FLICKR_PHOTOS_API, api, f"https://www.flickr.com/photos/{owner}/", folder=tmp_path).splitlines()[-1]
    )
    control(api, "faults", {"old_licences": False})
    assert told["missing"]
    assert (told["user"]["id"], told["user"]["username"]) == (owner, "oldbox")
    undated, dated = told["photos"]
    assert undated["date_taken"] == {"unknown": True}
    assert dated["date_taken"] == {"value": "1981-03-01 00:00:00", "granularity": "month", "unknown": False}
    assert dated["title"] == TITLES["72"]
    assert dated["license"]["id"] == "cc-by-sa-2.0"
    assert dated["tags"] == ["oldbox", "1981"]
    assert {size["label"]: size["width"] for size in dated["sizes"]}["Original"] == 901
    assert [photo["id"] for photo in told["public"]] == ["73", "72", "71"]  # newest first


FLICKRAPI = """
import json, sys
import flickrapi
flickrapi.FlickrAPI.REST_URL = sys.argv[1]
flickr = flickrapi.FlickrAPI("k", "s", format="parsed-json", store_token=False)
xml = flickrapi.FlickrAPI("k", "s", store_token=False)
try:
    flickr.photos.getInfo(photo_id="12345")
    code = None
except flickrapi.exceptions.FlickrError as fault:
    code = fault.code
print(json.dumps({
    "walked": [photo.get("id") for photo in xml.walk(text='"Marta Quillon"', per_page=1, sort="date-posted-asc")],
    "info": flickr.photos.getInfo(photo_id="72")["photo"],
    "sizes": flickr.photos.getSizes(photo_id="72")["sizes"]["size"],
    "licences": len(flickr.photos.licenses.getInfo()["licenses"]["license"]),
    "code": code,
}))
"""


@client("flickrapi")
def test_flickrapi_walks_a_search_and_reads_photos(api: str, tmp_path: Path) -> None:
    told = json.loads(run(FLICKRAPI, api, folder=tmp_path))
    assert told["walked"] == ["71", "72"]
    assert told["info"]["title"]["_content"] == TITLES["72"]
    assert told["info"]["dates"]["takengranularity"] == "4"
    assert told["sizes"][-1]["label"] == "Original"
    assert told["licences"] == 17
    assert told["code"] == 1
