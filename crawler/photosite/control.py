"""What a test asks of the site itself, and no crawler should: its counts, other faults. And the site's few pages."""

from dataclasses import asdict
from typing import Any

from aiohttp import web

from agegap.errors import WrongUse
from crawler.photosite.faults import with_faults
from crawler.photosite.state import SiteState

CONTROL_PATH = "/_control"
SITE_KEY = "0123456789abcdef0123456789abcdef"


class Control:
    """The control endpoint of a site."""

    def __init__(self, state: SiteState) -> None:
        self.state = state

    async def stats(self, request: web.Request) -> web.Response:
        """Return the site's counts; `?served=1` adds how often each photo was sent whole."""
        largest = {key: limit.largest for key, limit in self.state.keys.items()}
        with_photos = request.query.get("served") == "1"
        return web.json_response(self.state.stats.as_dict(largest, with_photos=with_photos))

    async def faults(self, request: web.Request) -> web.Response:
        """Return the faults; a POST of a JSON object changes some of them first."""
        if request.method == "POST":
            try:
                values: Any = await request.json()
                if not isinstance(values, dict):
                    raise WrongUse("send one JSON object of faults")
                self.state.set_faults(with_faults(self.state.faults, values))
            except ValueError:
                return web.json_response({"error": "the body is not JSON"}, status=400)
            except WrongUse as fault:
                return web.json_response({"error": str(fault)}, status=400)
        return web.json_response(asdict(self.state.faults))

    async def reset(self, request: web.Request) -> web.Response:
        """Forget all counts."""
        self.state.reset()
        return web.json_response({})

    async def robots(self, request: web.Request) -> web.Response:
        """Serve robots.txt."""
        faults = self.state.faults
        lines = ["User-agent: *", "Disallow: /" if faults.robots_forbids else f"Disallow: {CONTROL_PATH}/"]
        if faults.crawl_delay_s:
            lines.append(f"Crawl-delay: {faults.crawl_delay_s:g}")
        return web.Response(text="\n".join(lines) + "\n", content_type="text/plain")

    async def photos_page(self, request: web.Request) -> web.Response:
        """Serve the page of all photos: nothing but the key of the site's own scripts, which clients look up there."""
        key = self.state.faults.key or SITE_KEY
        text = f'<html><script>root.YUI_config.flickr.api.site_key = "{key}";</script></html>'
        return web.Response(text=text, content_type="text/html")
