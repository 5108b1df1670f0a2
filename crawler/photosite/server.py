"""The HTTP side: the REST service and the image host on one port, until a signal ends it."""

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from email.utils import format_datetime

from aiohttp import web

from agegap.errors import WrongUse
from crawler.photosite.envelope import wrap_answer, wrap_fault
from crawler.photosite.images import ImageStore, find_file
from crawler.photosite.photos import SitePhoto
from crawler.photosite.rest import answer
from crawler.photosite.search import ApiFault, PhotoIndex
from crawler.photosite.sizes import extent_of

REST_PATH = "/services/rest/"
IMAGE_AGE_S = 31_536_000  # a year: an image never changes under its name
SHUTDOWN_S = 2.0  # a crawler's idle connections are not waited for
WORKERS = 2  # threads that read, draw and resize


class PhotoSite:
    """A site of these photos."""

    def __init__(self, photos: Sequence[SitePhoto]) -> None:
        self.index = PhotoIndex(photos)
        self.images = ImageStore()
        self.workers = ThreadPoolExecutor(WORKERS, thread_name_prefix="photosite")

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        app = web.Application()
        for path in (REST_PATH, REST_PATH.rstrip("/")):
            app.router.add_get(path, self.rest)
            app.router.add_post(path, self.rest)
        app.router.add_get("/{server}/{name}", self.image)
        return app

    async def rest(self, request: web.Request) -> web.Response:
        """Answer a call of the REST service; refusals are HTTP 200 too."""
        params = dict(request.query.items())
        if request.method == "POST":
            form = await request.post()
            params.update({name: value for name, value in form.items() if isinstance(value, str)})
        try:
            envelope = wrap_answer(answer(self.index, params, _base_url(request)), params)
        except ApiFault as fault:
            envelope = wrap_fault(fault, params)
        return web.Response(
            text=envelope.body,
            content_type=envelope.content_type,
            charset="utf-8",
            headers={"Cache-Control": "private", "X-Robots-Tag": "noindex"},
        )

    async def image(self, request: web.Request) -> web.StreamResponse:
        """Serve a file of the image host, or 404 with an empty body."""
        file = find_file(self.index, request.match_info["server"], request.match_info["name"])
        if file is None:
            return web.Response(status=404, content_type="text/html", charset="utf-8")
        loop = asyncio.get_running_loop()
        try:
            loaded = await loop.run_in_executor(self.workers, self.images.load, file)
        except OSError:  # the folder changed under the site: the owner deleted the photo
            return web.Response(status=404, content_type="text/html", charset="utf-8")
        extent = extent_of(file.photo.extent, file.size)
        uploaded = datetime.fromtimestamp(file.photo.record.date_upload, UTC)
        headers = {
            "Cache-Control": f"public, max-age={IMAGE_AGE_S}",
            "ETag": loaded.etag,
            "Last-Modified": format_datetime(uploaded, usegmt=True),
            "imagewidth": str(extent.width),
            "imageheight": str(extent.height),
            "Server": "Jubilee",
        }
        if request.headers.get("If-None-Match") == loaded.etag:
            return web.Response(status=304, headers=headers)
        return web.Response(body=loaded.content, content_type=loaded.content_type, headers=headers)


def _base_url(request: web.Request) -> str:
    return f"{request.scheme}://{request.host}"


def serve(photos: Sequence[SitePhoto], *, host: str, port: int) -> None:
    """Serve until SIGTERM or SIGINT. Prints one JSON line when ready; raises WrongUse for an address in use."""
    asyncio.run(_serve(photos, host, port))


async def _serve(photos: Sequence[SitePhoto], host: str, port: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    site = PhotoSite(photos)
    runner = web.AppRunner(site.app(), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        listener = web.TCPSite(runner, host, port)
        try:
            await listener.start()
        except OSError as fault:
            raise WrongUse(
                f"cannot listen on {host}:{port} ({fault.strerror}); choose another --host or --port"
            ) from None
        real_port = runner.addresses[0][1]
        names = {photo.record.subject for photo in photos if photo.record.subject}
        ready = {"api": f"http://{host}:{real_port}{REST_PATH}", "photos": len(photos), "names": len(names)}
        sys.stdout.write(json.dumps(ready) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()
        site.workers.shutdown(wait=False, cancel_futures=True)
