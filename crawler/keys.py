"""The one place where an API key meets a request: the download handler, after everything that logs or stores.

Spiders, middlewares, retries and logs see a request without its key. The key goes into the body of a POST, never
into a URL, and is taken out of the answer should the site repeat it.
"""

import os
from urllib.parse import urlencode

from scrapy import Request
from scrapy.core.downloader.handlers.http11 import HTTP11DownloadHandler
from scrapy.http import Response

NEEDS_KEY = "needs_key"
"""Key of `Request.meta`: the pair (environment variable, form parameter) of the API key the request needs."""

HIDDEN = "(key)"
_SHORTEST_HIDDEN = 8  # a shorter "key" is a test's, and would tear holes into ordinary words


class KeyedDownloadHandler(HTTP11DownloadHandler):
    """Scrapy's HTTP/1.1 handler, which adds the API key to requests that ask for one."""

    lazy = False

    async def download_request(self, request: Request) -> Response:
        """Download `request`, with its key where `Request.meta` asks for one."""
        needs = request.meta.get(NEEDS_KEY)
        if needs is None:
            return await super().download_request(request)
        variable, parameter = needs
        key = os.environ.get(variable, "")
        sent = request.replace(body=request.body + b"&" + urlencode({parameter: key}).encode())
        response = await super().download_request(sent)
        return _without_key(response, key)


def _without_key(response: Response, key: str) -> Response:
    if len(key) < _SHORTEST_HIDDEN or key.encode() not in response.body:
        return response
    return response.replace(body=response.body.replace(key.encode(), HIDDEN.encode()))
