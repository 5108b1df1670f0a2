"""The HTTP side of the wikis: `/w/api.php` (Commons), `/wikidata/w/api.php`, the image host, the switches."""

import asyncio
import hashlib
import html
import json
import threading
from collections.abc import Awaitable, Callable, Mapping, Sequence
from email.utils import format_datetime
from functools import cached_property
from typing import Any, Literal

from aiohttp import web

from crawler.photosite.photos import SitePhoto
from crawler.photosite.wiki.envelope import Call, WikiFault, answer_text, error_text
from crawler.photosite.wiki.files import wiki_files
from crawler.photosite.wiki.people import wiki_people
from crawler.photosite.wiki.pictures import NoPicture, PictureStore, hash_path
from crawler.photosite.wiki.query import answer_query
from crawler.photosite.wiki.search import FileIndex
from crawler.photosite.wiki.switches import WikiFaults
from crawler.photosite.wiki.wikibase import EntityIndex, answer_entities, answer_media, answer_search

Wiki = Literal["commons", "wikidata"]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
COMMON_PARAMS = ("action", "format", "formatversion", "maxlag", "utf8", "ascii", "uselang", "origin", "curtimestamp",
                 "errorformat", "smaxage", "maxage", "requestid", "rawcontinue", "indexpageids", "redirects",
                 "assert", "servedby", "callback")  # fmt: skip
POLICY = "Please set a user-agent and respect our robot policy https://w.wiki/4wJS. See also https://phabricator.wikimedia.org/T400119."
TOO_MANY = "<!DOCTYPE html>\n<html lang=en><title>Wikimedia Error</title><h1>Too Many Requests</h1></html>\n"


class WikiSite:
    """Both wikis of these photos. Nothing is built before the first request."""

    def __init__(self, photos: Sequence[SitePhoto]) -> None:
        self.faults = WikiFaults()
        self.store = PictureStore()
        self._photos = photos
        self._building = threading.Lock()

    @cached_property
    def _indices(self) -> tuple[FileIndex, EntityIndex]:
        people = wiki_people(self._photos)
        return FileIndex(wiki_files(self._photos, people)), EntityIndex(people)

    @property
    def files(self) -> FileIndex:
        """The file pages of Commons."""
        with self._building:
            return self._indices[0]

    @property
    def entities(self) -> EntityIndex:
        """The items of Wikidata."""
        with self._building:
            return self._indices[1]

    def answer(self, wiki: Wiki, call: Call, base: str) -> dict[str, Any]:
        """Answer a call of one wiki's API; raise WikiFault where it refuses."""
        for name in COMMON_PARAMS:
            call.text(name)
        action = call.text("action")
        if action == "query":
            files = self.files if wiki == "commons" else FileIndex(())  # Wikidata has no files
            answer = answer_query(files, self.store, call, base)
        elif action == "wbgetentities":
            answer = answer_media(self.files, call) if wiki == "commons" else answer_entities(self.entities, call)
        elif action == "wbsearchentities" and wiki == "wikidata":
            answer = answer_search(self.entities, call)
        else:
            raise WikiFault("badvalue", f'Unrecognized value for parameter "action": {action}.')
        if strange := [name for name in call.params if name not in call.read]:
            call.warn("main", f"Unrecognized parameter{'s' * (len(strange) > 1)}: {', '.join(strange)}.")
        return answer

    def api(self, wiki: Wiki) -> Handler:
        """Return the handler of one wiki's api.php."""

        async def handle(request: web.Request) -> web.StreamResponse:
            self.faults.counts[f"{wiki} calls"] += 1
            if refusal := self._refusal(request):
                return refusal
            params = dict(request.query.items())
            if request.method == "POST":
                form = await request.post()
                params |= {name: value for name, value in form.items() if isinstance(value, str)}
            self.faults.counts[f"{wiki} {params.get('action', 'help')}"] += 1
            base = f"{request.scheme}://{request.host}"
            call = Call(params, f"{base}{request.path}")
            if not params.get("action") or params.get("format", "jsonfm") == "jsonfm":
                shown = html.escape(json.dumps(params))
                return web.Response(text=f"<!DOCTYPE html>\n<title>MediaWiki API help</title><pre>{shown}</pre>\n",
                                    content_type="text/html")  # fmt: skip
            try:
                self._check(call)
                answer = await asyncio.to_thread(self.answer, wiki, call, base)
            except WikiFault as fault:
                return self._refuse(call, fault)
            body = answer_text(call, answer)
            if self.faults.strikes("cut"):
                body = body[: len(body) // 2]
            return _json(body)

        return handle

    def _refusal(self, request: web.Request) -> web.Response | None:
        agent = request.headers.get("User-Agent", "").strip()
        if not agent or (self.faults.needs_contact and "@" not in agent and "://" not in agent):
            return web.Response(status=403, text=POLICY)
        if self.faults.strikes("too_many"):
            return web.Response(status=429, text=TOO_MANY, content_type="text/html", headers=self._retry_after())
        return None

    def _check(self, call: Call) -> None:
        if call.params.get("format") != "json":
            raise WikiFault("badvalue", f'Unrecognized value for parameter "format": {call.params.get("format")}.')
        lag, maxlag = self.faults.lag_s, call.params.get("maxlag", "")
        if maxlag.lstrip("-").isdigit() and self.faults.strikes("lag") and lag > int(maxlag):
            raise WikiFault("maxlag", f"Waiting for 10.64.48.23: {lag} seconds lagged.", host="10.64.48.23", lag=lag,
                            type="db")  # fmt: skip
        if self.faults.strikes("ratelimited"):
            raise WikiFault("ratelimited", "You've exceeded your rate limit. Please wait some time and try again.")
        is_search = "search" in (call.params.get("generator"), call.params.get("list"))
        if is_search and self.faults.strikes("busy"):
            raise WikiFault("cirrussearch-too-busy-error", "Search is currently too busy. Please try again later.")
        if self.faults.strikes("readonly"):
            raise WikiFault("readonly", "The wiki is currently in read-only mode.", readonlyreason="maintenance")

    def _refuse(self, call: Call, fault: WikiFault) -> web.Response:
        headers = {"MediaWiki-API-Error": fault.code}
        if fault.code == "maxlag":
            # never without Retry-After: mwclient reads it unasked
            headers |= {
                "Retry-After": str(max(self.faults.retry_after_s, 1)),
                "X-Database-Lag": str(int(self.faults.lag_s)),
            }
        elif fault.code in ("ratelimited", "readonly"):
            headers |= self._retry_after()
        return _json(error_text(call, fault), headers)

    def _retry_after(self) -> dict[str, str]:
        return {"Retry-After": str(self.faults.retry_after_s)} if self.faults.retry_after_s else {}

    async def picture(self, request: web.Request) -> web.StreamResponse:
        """Serve an original or a thumbnail."""
        self.faults.counts["image requests"] += 1
        if not request.headers.get("User-Agent", "").strip():
            return web.Response(status=403, text=POLICY)
        if self.faults.strikes("image_429"):
            return web.Response(status=429, text=TOO_MANY, content_type="text/html", headers=self._retry_after())
        key, thumb = request.match_info["name"], request.match_info.get("thumb")
        file = (await asyncio.to_thread(lambda: self.files)).by_key.get(key)
        if file is None or hash_path(key) != f"{request.match_info['a']}/{request.match_info['ab']}":
            return web.Response(status=404, text="File not found", content_type="text/html")
        try:
            picture = await asyncio.to_thread(self.store.load, file, thumb)
        except NoPicture as fault:
            headers = self._retry_after() if fault.status == 429 else {}
            return web.Response(status=fault.status, text=str(fault), content_type="text/html", headers=headers)
        except OSError:  # the folder changed under the site
            return web.Response(status=404, text="File not found", content_type="text/html")
        self.faults.counts["images"] += 1
        headers = {
            "Content-Type": picture.content_type,
            "Last-Modified": format_datetime(file.timestamp, usegmt=True),
            "ETag": f'"{hashlib.md5(picture.content, usedforsecurity=False).hexdigest()}"',
            "Access-Control-Allow-Origin": "*",
            "Timing-Allow-Origin": "*",
        }
        return web.Response(body=picture.content, headers=headers)

    async def page(self, request: web.Request) -> web.StreamResponse:
        """Serve a short page for a title, so that links to it lead somewhere."""
        title = request.match_info["title"]
        file = (await asyncio.to_thread(lambda: self.files)).by_key.get(title.partition(":")[2].replace(" ", "_"))
        shown = html.escape(file.title if file else title)
        return web.Response(
            status=200 if file else 404, text=f"<!DOCTYPE html>\n<title>{shown}</title>\n", content_type="text/html"
        )

    async def control(self, request: web.Request) -> web.StreamResponse:
        """Show the switches, or set some of them."""
        if request.method == "POST":
            try:
                self.faults.change(dict(await request.json()))
            except (ValueError, TypeError) as fault:
                return web.json_response({"error": str(fault)}, status=400)
        return web.json_response(self.faults.as_dict())


def _json(body: str, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(
        text=body,
        content_type="application/json",
        charset="utf-8",
        headers={"Cache-Control": "private, must-revalidate, max-age=0", **(headers or {})},
    )
