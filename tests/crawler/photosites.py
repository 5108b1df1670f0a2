"""Photos for the tests of the photo site, without files; and the site as a process."""

import io
import json
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPResponse
from typing import Any

from PIL import Image

from crawler.photosite.photos import SitePhoto
from crawler.photosite.records import PhotoRecord, numeric_id
from crawler.photosite.sizes import Extent


def jpeg_of(width: int, height: int, colour: tuple[int, int, int] = (120, 90, 60)) -> bytes:
    """A plain JPEG."""
    buffer = io.BytesIO()
    Image.new("RGB", (width, height), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def site_photo(number: int = 1, *, width: int = 640, height: int = 480, **fields: Any) -> SitePhoto:
    """A photo of the site with these record fields."""
    file = f"{number}.jpg"
    record = PhotoRecord(
        file=file, **{"id": numeric_id(file), "owner": "1@N01", "date_upload": 1_500_000_000, **fields}
    )
    return SitePhoto(record, Extent(width, height), "jpg", lambda: jpeg_of(width, height))


@contextmanager
def photosite(*args: str) -> Iterator[tuple[subprocess.Popen[str], dict[str, Any]]]:
    """Run the site; give the process and what it said when ready."""
    command = [sys.executable, "-m", "crawler.photosite", *args]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())
        finally:
            process.kill()


def control(api: str, what: str, faults: dict[str, Any] | None = None) -> dict[str, Any]:
    """Ask the site's control endpoint; with a body it is a POST."""
    url = api.replace("/services/rest/", f"/_control/{what}")
    body = None if faults is None else json.dumps(faults).encode()
    with urllib.request.urlopen(urllib.request.Request(url, body), timeout=20) as response:
        content: dict[str, Any] = json.load(response)
    return content


def call(api: str, *, post: bool = False, **params: str) -> dict[str, Any]:
    """Call a method of the REST service; return its JSON."""
    form = urllib.parse.urlencode({"api_key": "k", "format": "json", "nojsoncallback": "1", **params})
    request = urllib.request.Request(api, form.encode()) if post else urllib.request.Request(f"{api}?{form}")
    with urllib.request.urlopen(request, timeout=20) as response:
        content: dict[str, Any] = json.load(response)
    return content


def get(url: str, **headers: str) -> tuple[HTTPResponse, bytes]:
    """Fetch a URL; return the response and its body."""
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as response:
        return response, response.read()
