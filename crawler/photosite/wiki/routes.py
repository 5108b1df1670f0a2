"""Where the wikis are on the photo site's port."""

from collections.abc import Callable, Sequence
from functools import lru_cache

from aiohttp import web

from crawler.photosite.photos import SitePhoto
from crawler.photosite.wiki.pictures import ROOT
from crawler.photosite.wiki.server import Handler, Wiki, WikiSite

_IMAGES = f"{ROOT}/{{a:[0-9a-f]}}/{{ab:[0-9a-f]{{2}}}}/{{name}}"
_THUMBS = f"{ROOT}/thumb/{{a:[0-9a-f]}}/{{ab:[0-9a-f]{{2}}}}/{{name}}/{{thumb}}"
_APIS: tuple[tuple[str, Wiki], ...] = (
    ("/w/api.php", "commons"),
    ("/commons/w/api.php", "commons"),
    ("/wikidata/w/api.php", "wikidata"),
)


def routes_of(site: WikiSite) -> list[tuple[str, str, Handler]]:
    """Return method, path and handler of everything the wikis answer."""
    return [
        *((method, path, site.api(wiki)) for path, wiki in _APIS for method in ("GET", "POST")),
        ("GET", _THUMBS, site.picture),
        ("GET", _IMAGES, site.picture),
        ("GET", "/wiki/{title}", site.page),
        ("GET", "/_control/wiki", site.control),
        ("POST", "/_control/wiki", site.control),
    ]


def add_routes(app: web.Application, photos: Sequence[SitePhoto]) -> WikiSite:
    """Add new wikis of these photos to an application, and return them."""
    site = WikiSite(photos)
    for method, path, handler in routes_of(site):
        app.router.add_route(method, path, handler)
    return site


class _Same:
    """Photos that are the same when they are one object: a list has no hash of its own."""

    def __init__(self, photos: Sequence[SitePhoto]) -> None:
        self.photos = photos

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.photos is self.photos

    def __hash__(self) -> int:
        return id(self.photos)


@lru_cache(maxsize=2)
def _shared_routes(photos: _Same) -> list[tuple[str, str, Handler]]:
    return routes_of(WikiSite(photos.photos))


def _factory(place: int) -> Callable[[Sequence[SitePhoto]], Handler]:
    return lambda photos: _shared_routes(_Same(photos))[place][2]


WIKI_ROUTES: list[tuple[str, str, Callable[[Sequence[SitePhoto]], Handler]]] = [
    (method, path, _factory(place)) for place, (method, path, _) in enumerate(routes_of(WikiSite(())))
]
"""Method, path and a factory of the handler for the photos of a site; the factories share one site of those photos."""
