"""The wikis of the photo site for tests: people and photos without files, calls without HTTP, a server in a thread."""

import asyncio
import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from aiohttp import web

from crawler.photosite.photos import SitePhoto
from crawler.photosite.wiki import WikiSite, add_routes
from crawler.photosite.wiki.envelope import Call, WikiFault, answer_text, error_text
from crawler.photosite.wiki.server import Wiki
from tests.crawler.photosites import site_photo

BASE = "http://wiki.test"
GIVEN = ("Ada", "Bruno", "Celia", "Dario", "Elka", "Fabio", "Greta", "Hugo", "Irma", "Jonas")
FAMILY = ("Onsel", "Varnholt", "Quillon", "Tarrow")


def names(count: int) -> list[str]:
    """Invented names, in alphabetical order."""
    return sorted(f"{given}_{family}" for given in GIVEN for family in FAMILY)[:count]


def photos_of(name: str, count: int, *, first: int = 0, width: int = 1400, **fields: Any) -> list[SitePhoto]:
    """Photos of one person, born in 1950 unless said otherwise, a minute of upload apart."""
    shown = name.replace("_", " ")
    common = {"title": f"{shown} at the harbour", "subject": name, "birth_year": 1950, "taken_year": 1999, **fields}
    return [
        site_photo(first + number, width=width, height=width // 2, date_upload=1_300_000_000 + 60 * number, **common)
        for number in range(count)
    ]


def everyone(people: int = 20, photos: int = 3) -> list[SitePhoto]:
    """Photos of several people, born in 1930 and the years after it."""
    return [
        photo
        for place, name in enumerate(names(people))
        for photo in photos_of(name, photos, first=place * photos, birth_year=1930 + place)
    ]


def ask(site: WikiSite, wiki: Wiki = "commons", /, **params: str) -> dict[str, Any]:
    """Call the API without HTTP; return what its JSON holds."""
    call = Call({"format": "json", **params}, f"{BASE}/w/api.php")
    try:
        text = answer_text(call, site.answer(wiki, call, BASE))
    except WikiFault as fault:
        text = error_text(call, fault)
    content: dict[str, Any] = json.loads(text)
    return content


def ask_all(site: WikiSite, /, **params: str) -> list[dict[str, Any]]:
    """Call and go on as the API says, with every key of `continue`, until there is none."""
    answers: list[dict[str, Any]] = []
    going_on: dict[str, str] = {}
    while not answers or going_on:
        answers.append(ask(site, **{**params, **going_on}))
        going_on = {name: str(value) for name, value in answers[-1].get("continue", {}).items()}
        assert len(answers) < 200, "the API goes on for ever"
    return answers


def merged_pages(answers: Sequence[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The pages of several answers, each with everything any of them told of it."""
    pages: dict[str, dict[str, Any]] = {}
    for answer in answers:
        for key, page in answer.get("query", {}).get("pages", {}).items():
            pages.setdefault(key, {}).update(page)
    return pages


@contextmanager
def served(photos: Sequence[SitePhoto]) -> Iterator[tuple[str, WikiSite]]:
    """Serve the wikis alone on a free port; give the address and the site."""
    app = web.Application()
    site = add_routes(app, photos)
    loop = asyncio.new_event_loop()
    runner = web.AppRunner(app, shutdown_timeout=1)

    async def start() -> int:
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        port: int = runner.addresses[0][1]
        return port

    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        port = asyncio.run_coroutine_threadsafe(start(), loop).result(20)
        yield f"http://127.0.0.1:{port}", site
    finally:
        asyncio.run_coroutine_threadsafe(runner.cleanup(), loop).result(20)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(20)
        loop.close()
