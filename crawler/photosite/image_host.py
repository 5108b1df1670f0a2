"""The image host: the file a path names, with its headers, or what goes wrong instead."""

import asyncio
import functools
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from crawler.photosite.images import FILE_NAME, ImageBytes, ImageFile, ImageStore, find_file
from crawler.photosite.sizes import extent_of
from crawler.photosite.state import TOO_MANY, SiteState, reset_connection

PLACEHOLDER_PATH = "/pw/images/en-us/photo_unavailable.png"
IMAGE_AGE_S = 31_536_000  # a year: an image never changes under its name
WORKERS = 2  # threads that read, draw and resize
SLOW_PIECES = 20

_STATUSES = {"image_429": 429, "image_503": 503}


class ImageHost:
    """Serves images."""

    def __init__(self, state: SiteState) -> None:
        self.state = state
        self.store = ImageStore()
        self.workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="photosite")

    def close(self) -> None:
        """End the threads."""
        self.workers.shutdown(wait=False, cancel_futures=True)

    async def image(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of the image host, or 404 with an empty body."""
        state, faults = self.state, self.state.faults
        state.stats.image_requests += 1
        if faults.image_latency_s:
            await asyncio.sleep(faults.image_latency_s)
        if not state.image_bucket.enter(asyncio.get_running_loop().time()):
            return self._status(429, "limit")
        what = (request.path, state.time_of(request.path) if _any_flakes(state) else 0)
        for fault, status in _STATUSES.items():
            if state.happens(fault, *what):
                return self._status(status, fault)
        if state.happens("image_reset", *what):
            state.stats.image_refused["image_reset"] += 1
            return await reset_connection(request)
        file = find_file(state.photos, request.match_info["server"], request.match_info["name"])
        if file is None or state.happens("missing", file.photo.record.id):
            return self._none(request.match_info["name"])
        if state.happens("placeholder", file.photo.record.id):
            return self._moved()
        try:
            loaded = await self._load(file)
        except OSError:  # the folder changed under the site: the owner deleted the photo
            return self._none("")
        return await self._send(request, file, loaded, what)

    async def _load(self, file: ImageFile) -> ImageBytes:
        if file.photo.is_one_file:
            return ImageBytes(file.photo.load(), "image/jpeg", f'"{file.photo.record.id}.1"')
        return await asyncio.get_running_loop().run_in_executor(self.workers, self.store.load, file)

    async def _send(
        self, request: web.Request, file: ImageFile, loaded: ImageBytes, what: tuple[str, int]
    ) -> web.StreamResponse:
        state, photo = self.state, file.photo
        extent = extent_of(photo.extent, file.size)
        headers = {
            "Cache-Control": f"public, max-age={IMAGE_AGE_S}",
            "ETag": loaded.etag,
            "Last-Modified": _http_date(photo.record.date_upload),
            "imagewidth": str(extent.width),
            "imageheight": str(extent.height),
            "Server": "Jubilee",
        }
        if state.happens("noai", photo.record.id):
            headers["X-Robots-Tag"] = "noai, noimageai"
        if request.headers.get("If-None-Match") == loaded.etag:
            return web.Response(status=304, headers=headers)
        if state.happens("image_cut", *what):
            return await self._cut_off(request, loaded, headers)
        if request.method == "GET":  # not HEAD
            state.stats.count_image(photo.record.id, len(loaded.content))
        if state.happens("image_slow", *what):
            return await self._slowly(request, loaded, headers)
        return web.Response(body=loaded.content, content_type=loaded.content_type, headers=headers)

    async def _cut_off(self, request: web.Request, loaded: ImageBytes, headers: dict[str, str]) -> web.StreamResponse:
        self.state.stats.image_refused["image_cut"] += 1
        response = web.StreamResponse(headers={**headers, "Content-Type": loaded.content_type})
        response.content_length = len(loaded.content)
        with suppress(ConnectionResetError):  # a client that is gone already gets no more
            await response.prepare(request)
            await response.write(loaded.content[: len(loaded.content) // 2])
        if request.transport is not None:
            request.transport.close()
        return response

    async def _slowly(self, request: web.Request, loaded: ImageBytes, headers: dict[str, str]) -> web.StreamResponse:
        response = web.StreamResponse(headers={**headers, "Content-Type": loaded.content_type})
        response.content_length = len(loaded.content)
        piece = -(-len(loaded.content) // SLOW_PIECES)
        with suppress(ConnectionResetError):  # a client need not wait for the end
            await response.prepare(request)
            for start in range(0, len(loaded.content), piece):
                await asyncio.sleep(self.state.faults.image_slow_s / SLOW_PIECES)
                await response.write(loaded.content[start : start + piece])
        return response

    def _none(self, name: str) -> web.Response:
        """Answer for a file that is not there: the placeholder where a photo was taken back, else 404."""
        match = FILE_NAME.fullmatch(name)
        if match is not None and self.state.photos.absence(match[1]) != "unknown":
            return self._moved()
        self.state.stats.image_refused["404"] += 1
        return web.Response(status=404, content_type="text/html", charset="utf-8")

    def _moved(self) -> web.Response:
        self.state.stats.image_refused["placeholder"] += 1
        return web.Response(status=302, headers={"Location": PLACEHOLDER_PATH})

    def _status(self, status: int, why: str) -> web.Response:
        self.state.stats.image_refused[why] += 1
        headers = self.state.retry_headers(self.state.faults.image_retry_after_s)
        body = TOO_MANY if status == 429 else ""
        return web.Response(status=status, text=body, content_type="text/html", headers=headers)

    async def placeholder(self, request: web.Request) -> web.Response:
        """Serve the picture that stands for photos that are gone."""
        return web.Response(body=placeholder_png(), content_type="image/png")


@functools.cache
def placeholder_png() -> bytes:
    """Return the placeholder: a grey picture with a bar, the same bytes every time."""
    from PIL import Image

    picture = Image.new("RGB", (500, 374), (230, 230, 230))
    picture.paste((160, 160, 160), (100, 170, 400, 204))
    buffer = io.BytesIO()
    picture.save(buffer, "PNG")
    return buffer.getvalue()


def _any_flakes(state: SiteState) -> bool:
    faults = state.faults
    return bool(faults.image_429 or faults.image_503 or faults.image_cut or faults.image_reset or faults.image_slow)


@functools.lru_cache(4096)
def _http_date(seconds: int) -> str:
    return format_datetime(datetime.fromtimestamp(seconds, UTC), usegmt=True)
