"""The methods of the REST service: parameters in, an answer (plain dicts) or an ApiFault out."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from crawler.photosite.answers import describe_photo
from crawler.photosite.licences import LICENCES
from crawler.photosite.search import ApiFault, PhotoIndex

Answer = dict[str, Any]

# The site's own keys are 32 hex digits; any word will do here, so that nobody needs one, but not nothing at all.
_KEY = re.compile(r"[0-9A-Za-z._-]{1,64}")


def answer(index: PhotoIndex, params: Mapping[str, str], base_url: str) -> Answer:
    """Answer one call; raise ApiFault with the site's code for a missing key, an unknown method, bad arguments."""
    if not _KEY.fullmatch(params.get("api_key", "")):
        raise ApiFault(100, "Invalid API Key (Key has invalid format)")
    method = params.get("method", "")
    if method not in METHODS:
        raise ApiFault(112, f'Method "{method}" not found')
    return METHODS[method](index, params, base_url)


def _search(index: PhotoIndex, params: Mapping[str, str], base_url: str) -> Answer:
    found = index.search(params)
    extras = [extra.strip() for extra in params.get("extras", "").split(",")]
    return {
        "photos": {
            "page": found.page,
            "pages": found.pages,
            "perpage": found.perpage,
            "total": str(found.total),
            "photo": [describe_photo(photo, extras, base_url) for photo in found.photos],
        }
    }


def _licences(index: PhotoIndex, params: Mapping[str, str], base_url: str) -> Answer:
    return {"licenses": {"license": [{"id": number, "name": name, "url": url} for number, name, url in LICENCES]}}


def _echo(index: PhotoIndex, params: Mapping[str, str], base_url: str) -> Answer:
    return {name: {"_content": value} for name, value in params.items()}


METHODS: dict[str, Callable[[PhotoIndex, Mapping[str, str], str], Answer]] = {
    "flickr.photos.search": _search,
    "flickr.photos.licenses.getInfo": _licences,
    "flickr.test.echo": _echo,
}
