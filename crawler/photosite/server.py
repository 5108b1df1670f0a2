"""The HTTP side: all hosts of the site on one port (images on a second one if asked), until a signal ends it."""

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from typing import Any

from aiohttp import web

from agegap.errors import WrongUse
from crawler.photosite.api_host import REST_PATH, ApiHost
from crawler.photosite.control import CONTROL_PATH, Control
from crawler.photosite.faults import Faults
from crawler.photosite.image_host import PLACEHOLDER_PATH, ImageHost
from crawler.photosite.photos import SitePhoto
from crawler.photosite.search import PhotoIndex, Photos
from crawler.photosite.state import SiteState
from crawler.photosite.wiki import add_routes

SHUTDOWN_S = 2.0  # a crawler's idle connections are not waited for


class PhotoSite:
    """A site of these photos. The encyclopaedia and the media archive know `wiki_photos`."""

    def __init__(
        self, photos: Photos | Sequence[SitePhoto], faults: Faults | None = None, *, image_url: str | None = None
    ) -> None:
        self.wiki_photos = list(photos) if isinstance(photos, Sequence) else []
        index: Photos = PhotoIndex(photos) if isinstance(photos, Sequence) else photos
        self.state = SiteState(index, faults or Faults(), image_url=image_url)
        self.images = ImageHost(self.state)

    def app(self) -> web.Application:
        """Return the aiohttp application."""
        api, control = ApiHost(self.state), Control(self.state)
        app = web.Application()
        for path in (REST_PATH, REST_PATH.rstrip("/")):
            app.router.add_get(path, api.call)
            app.router.add_post(path, api.call)
        app.router.add_get("/robots.txt", control.robots)
        app.router.add_get("/photos/", control.photos_page)
        app.router.add_get(f"{CONTROL_PATH}/stats", control.stats)
        app.router.add_route("*", f"{CONTROL_PATH}/faults", control.faults)
        app.router.add_post(f"{CONTROL_PATH}/reset", control.reset)
        app.router.add_get(PLACEHOLDER_PATH, self.images.placeholder)
        add_routes(app, self.wiki_photos)
        app.router.add_get("/{server}/{name}", self.images.image)
        return app


def serve(
    photos: Photos | Sequence[SitePhoto],
    ready: dict[str, Any],
    *,
    host: str,
    port: int,
    image_port: int | None = None,
    faults: Faults | None = None,
) -> None:
    """Serve until SIGTERM or SIGINT. Prints `ready` and the API's URL as one JSON line when it is.

    `image_port` (0: a free one) puts images on a host of their own. Raises WrongUse for an address in use.
    """
    asyncio.run(_serve(PhotoSite(photos, faults), ready, host, port, image_port))


async def _serve(site: PhotoSite, ready: dict[str, Any], host: str, port: int, image_port: int | None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    runner = web.AppRunner(site.app(), access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        line = {"api": f"http://{host}:{await _listen(runner, host, port)}{REST_PATH}", **ready}
        if image_port is not None:
            site.state.image_url = f"http://{host}:{await _listen(runner, host, image_port)}"
            line["images"] = site.state.image_url
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()
        await stop.wait()
    finally:
        await runner.cleanup()
        site.images.close()


async def _listen(runner: web.AppRunner, host: str, port: int) -> int:
    """Listen on one more port of the host; return its number."""
    try:
        await web.TCPSite(runner, host, port).start()
    except OSError as fault:
        raise WrongUse(f"cannot listen on {host}:{port} ({fault.strerror}); choose another --host or --port") from None
    number: int = runner.addresses[-1][1]
    return number
