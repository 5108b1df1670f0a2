"""A small photo site on loopback for tests of the crawl: Flickr's search and its images, with faults on demand.

It knows every photo and counts every request, so a test can compare the catalog with the truth. It runs in a
thread of the test, so that a killed crawl does not take it along.
"""

import asyncio
import io
import json
import math
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Self
from urllib.parse import quote

from aiohttp import web
from PIL import Image

KEY = "5up3rs3cr3t0123456789abcdefdrawn"
CAP = 4000
LICENCES = tuple(str(number) for number in range(17))


@dataclass(frozen=True)
class SitePhoto:
    """A photo of the fake site: who is found by it, its bytes, and what goes wrong when it is fetched.

    `fault`: None, missing (404), placeholder (redirect), truncated (a body cut off), page (HTML), flaky (503 once),
    refused (X-Robots-Tag: noai).
    """

    photo_id: str
    names: tuple[str, ...]
    content: bytes
    fault: str | None = None
    record: dict[str, Any] = field(default_factory=dict)


def drawn_image(number: int, *, size: tuple[int, int] = (48, 32), kind: str = "JPEG") -> bytes:
    """Return an image whose bytes differ for each number, with an EXIF date where the format holds one."""
    image = Image.new("RGB", size, (number % 256, number // 256 % 256, 90))
    image.putpixel((number % size[0], 1), (255, 255, 255))
    exif = Image.Exif()
    exif.get_ifd(0x8769)[0x9003] = "2003:02:01 10:20:30"
    stream = io.BytesIO()
    image.save(stream, kind, exif=exif)
    return stream.getvalue()


class FakeSite:
    """Serves `photos` until the `with` block ends."""

    def __init__(
        self,
        photos: list[SitePhoto],
        *,
        latency_s: float = 0.0,
        api_faults: list[Any] | None = None,
        licences: tuple[str, ...] = LICENCES,
    ) -> None:
        self.photos: dict[str, SitePhoto] = {}
        self.licences = licences
        self._by_name: dict[str, list[SitePhoto]] = {}
        self.change(photos)
        self.latency_s = latency_s
        self.api_faults = list(api_faults or [])
        self.hits: Counter[str] = Counter()
        self.searches: list[dict[str, str]] = []
        self.called_at: list[float] = []
        self.begun: list[str] = []
        self.api = ""
        self._host = ""
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(20)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(20)

    def change(self, photos: Sequence[SitePhoto]) -> None:
        """Add `photos`, over those of the same id."""
        self.photos = {**self.photos, **{photo.photo_id: photo for photo in photos}}
        by_name: dict[str, list[SitePhoto]] = {}
        for photo in sorted(self.photos.values(), key=upload_second):
            for name in photo.names:
                by_name.setdefault(name, []).append(photo)
        self._by_name = by_name

    @property
    def images_served(self) -> int:
        """How many requests for images were begun."""
        return sum(count for path, count in self.hits.items() if path.startswith("image"))

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        runner = self._loop.run_until_complete(self._start())
        self._ready.set()
        self._loop.run_forever()
        self._loop.run_until_complete(runner.cleanup())
        self._loop.close()

    async def _start(self) -> web.AppRunner:
        app = web.Application()
        app.router.add_route("*", "/services/rest/", self._search)
        app.router.add_get("/pw/images/en-us/photo_unavailable.png", self._placeholder)
        app.router.add_get("/65535/{name}", self._image)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        self._host = f"http://127.0.0.1:{port}"
        self.api = f"{self._host}/services/rest/"
        return runner

    async def _search(self, request: web.Request) -> web.Response:
        form = {key: str(value) for key, value in (await request.post()).items()}
        self.called_at.append(time.time())
        if form.get("method") == "flickr.photos.licenses.getInfo":
            return self._licences(form)
        self.hits["search"] += 1
        self.searches.append(
            {**form, "query_string": request.query_string, "user_agent": request.headers["User-Agent"]}
        )
        await asyncio.sleep(self.latency_s)
        if self.api_faults:
            fault = self.api_faults.pop(0)
            if isinstance(fault, int | tuple):
                status, wait_s = fault if isinstance(fault, tuple) else (fault, 0)
                return web.Response(status=status, text="<html>busy</html>", headers={"Retry-After": str(wait_s)})
            if isinstance(fault, str):
                return web.Response(text=fault, content_type="application/json")
            if fault is not None:
                return web.json_response({"stat": "fail", **fault})
        return self._refusal(form) or web.json_response(self.answer(form))

    def _licences(self, form: dict[str, str]) -> web.Response:
        self.hits["licences"] += 1
        listed = [{"id": int(licence), "name": f"Licence {licence}", "url": ""} for licence in self.licences]
        return self._refusal(form) or web.json_response({"licenses": {"license": listed}, "stat": "ok"})

    @staticmethod
    def _refusal(form: dict[str, str]) -> web.Response | None:
        if form.get("api_key") == KEY:
            return None
        message = f"Invalid API Key ({form.get('api_key')} has invalid format)"
        return web.json_response({"stat": "fail", "code": 100, "message": message})

    def answer(self, form: dict[str, str]) -> dict[str, Any]:
        """Return one page of results, with Flickr's mixture of types and its cap of 4,000."""
        found = self._by_name.get(form["text"].strip('"'), [])
        least, most = int(form.get("min_upload_date", 0)), int(form.get("max_upload_date", 1 << 40))
        licences = form["license"].split(",") if "license" in form else None
        found = [
            photo
            for photo in found
            if least <= upload_second(photo) <= most
            and (licences is None or str(self.record(photo)["license"]) in licences)
        ]
        if form.get("sort") == "date-posted-desc":
            found.reverse()
        page, per_page = int(form["page"]), int(form["per_page"])
        last = max(1, math.ceil(min(len(found), CAP) / per_page))
        start = (min(page, last) - 1) * per_page  # beyond the cap the last page comes again, without a word
        return {
            "photos": {
                "page": page,
                "pages": math.ceil(len(found) / per_page),
                "perpage": per_page,
                "total": str(len(found)) if page % 2 else len(found),
                "photo": [self.record(photo) for photo in found[start : start + per_page]],
            },
            "stat": "ok",
        }

    def record(self, photo: SitePhoto) -> dict[str, Any]:
        """Return a photo as the search shows it."""
        number = sum(map(ord, photo.photo_id))
        return {
            "id": photo.photo_id,
            "owner": f"{number}@N06",
            "secret": "bbdbb5f761",
            "server": "65535",
            "farm": 66,
            "title": f"{photo.names[0]} in 1998",
            "ispublic": 1,
            "license": str(1 + number % 6),
            "description": {"_content": "Somewhere, <b>1998</b>"},
            "dateupload": str(upload_second(photo)),
            "datetaken": "1998-01-01 00:00:00",
            "datetakengranularity": 6 if number % 2 else "6",
            "datetakenunknown": 0 if number % 3 else "0",
            "ownername": "drawn",
            "realname": None,
            "pathalias": None,
            "tags": "one two",
            "machine_tags": "",
            "latitude": 0,
            "media": "photo",
            "url_c": f"{self._host}/65535/{quote(photo.photo_id)}_bbdbb5f761_c.jpg",
            "height_c": "32",
            "width_c": 48,
            **photo.record,
        }

    async def _image(self, request: web.Request) -> web.StreamResponse:
        photo_id = request.match_info["name"].rsplit("_", 2)[0]
        self.hits[f"image {photo_id}"] += 1
        self.begun.append(photo_id)
        await asyncio.sleep(self.latency_s)
        photo = self.photos.get(photo_id)
        if photo is None or photo.fault == "missing":
            return web.Response(status=404)
        if photo.fault == "placeholder":
            return web.Response(status=302, headers={"Location": "/pw/images/en-us/photo_unavailable.png"})
        if photo.fault == "page":
            return web.Response(text="<html>sign in</html>", content_type="text/html")
        if photo.fault == "flaky" and self.hits[f"image {photo_id}"] == 1:
            return web.Response(status=503)
        if photo.fault == "truncated":
            return await self._cut_off(request, photo.content)
        headers = {"X-Robots-Tag": "noai, noimageai"} if photo.fault == "refused" else {}
        return web.Response(body=photo.content, content_type="image/jpeg", headers=headers)

    async def _cut_off(self, request: web.Request, content: bytes) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(content)), "Content-Type": "image/jpeg"})
        await response.prepare(request)
        await response.write(content[: len(content) // 2])
        assert request.transport is not None
        request.transport.close()
        return response

    async def _placeholder(self, _request: web.Request) -> web.Response:
        self.hits["placeholder"] += 1
        return web.Response(body=drawn_image(0, kind="PNG"), content_type="image/png")


def upload_second(photo: SitePhoto) -> int:
    """Return the upload time of a photo in Unix seconds: later for a larger id, as at Flickr."""
    return int(photo.record.get("dateupload", 1_100_000_000 + int(photo.photo_id)))


def fail(code: int, message: str) -> dict[str, Any]:
    """Return a fault of the API for `api_faults`."""
    return {"code": code, "message": message}


CUT_OFF = json.dumps({"photos": {"page": 1, "photo": []}, "stat": "ok"})[:30]
"""An answer whose end is missing, for `api_faults`."""
