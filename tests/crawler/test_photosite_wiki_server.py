"""The wikis over HTTP: refusals and their headers, images at the standard widths, switches, the site's own port."""

import asyncio
import hashlib
import io
import json
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from email.message import Message
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer
from PIL import Image

from crawler.photosite.server import PhotoSite
from crawler.photosite.wiki import WIKI_ROUTES, WikiSite
from tests.crawler.photosites import jpeg_of, site_photo
from tests.crawler.wikis import photos_of, served

AGENT = "agegap-tests (mailto:nobody@example.org)"
SEARCH = {
    "action": "query",
    "generator": "search",
    "gsrsearch": '"Ada Onsel" filetype:bitmap',
    "gsrnamespace": "6",
    "gsrlimit": "3",
}
IMAGE = {"prop": "imageinfo", "iiprop": "url|size|sha1|mime"}


@pytest.fixture
def wiki() -> Iterator[tuple[str, WikiSite]]:
    """The wikis of three photos of 1400x700."""
    with served(photos_of("Ada_Onsel", 3)) as running:
        yield running


def fetch(
    url: str, params: dict[str, str] | None = None, *, agent: str = AGENT, data: bytes | None = None
) -> tuple[int, Message, bytes]:
    """Fetch an address with these parameters; refusals are answers too."""
    if params:
        url = f"{url}?{urllib.parse.urlencode(params)}"
    request = urllib.request.Request(url, data, {"User-Agent": agent})
    try:
        with urllib.request.urlopen(request, timeout=20) as response:
            return response.status, response.headers, response.read()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, refused.read()


def api(base: str, path: str = "/w/api.php", **params: str) -> tuple[Message, dict[str, Any]]:
    """Call the API; return headers and JSON."""
    status, headers, body = fetch(base + path, {"format": "json", **params})
    assert status == 200
    return headers, json.loads(body)


def switch(base: str, **faults: object) -> None:
    """Set faults of the running wikis."""
    status, _, _ = fetch(f"{base}/_control/wiki", data=json.dumps(faults).encode())
    assert status == 200


def test_answers_have_the_recorded_headers(wiki: tuple[str, WikiSite]) -> None:
    headers, _ = api(wiki[0], **SEARCH)
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["Cache-Control"] == "private, must-revalidate, max-age=0"
    assert headers["MediaWiki-API-Error"] is None


def test_both_wikis_are_on_one_port_and_take_forms(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    assert api(base, **SEARCH)[1] == api(base, "/commons/w/api.php", **SEARCH)[1]
    body = urllib.parse.urlencode({"format": "json", **SEARCH}).encode()
    assert json.loads(fetch(f"{base}/w/api.php", data=body)[2]) == api(base, **SEARCH)[1]
    found = api(base, "/wikidata/w/api.php", action="wbsearchentities", search="Ada Onsel", language="en")[1]
    assert found["search"][0]["label"] == "Ada Onsel"
    assert "query" not in api(base, "/wikidata/w/api.php", **SEARCH)[1]  # no files there


def test_who_does_not_say_who_they_are_is_refused(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    status, _, body = fetch(f"{base}/w/api.php", {"format": "json", **SEARCH}, agent="")
    assert status == 403
    assert b"user-agent" in body
    switch(base, needs_contact=True)
    assert fetch(f"{base}/w/api.php", {"format": "json", **SEARCH}, agent="Scrapy/2.19")[0] == 403
    assert fetch(f"{base}/w/api.php", {"format": "json", **SEARCH})[0] == 200


def test_lag_is_an_error_for_those_who_ask_for_it(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    switch(base, lag_every=1, lag_s=7.5, retry_after_s=4)
    headers, answer = api(base, maxlag="5", **SEARCH)
    assert answer["error"]["code"] == headers["MediaWiki-API-Error"] == "maxlag"
    assert (answer["error"]["lag"], answer["error"]["host"]) == (7.5, "10.64.48.23")
    assert (headers["Retry-After"], headers["X-Database-Lag"]) == ("4", "7")
    assert "query" in api(base, maxlag="10", **SEARCH)[1]
    assert "query" in api(base, **SEARCH)[1]


@pytest.mark.parametrize("name", ["ratelimited", "readonly"])
def test_the_api_s_own_refusals_are_http_200_with_retry_after(wiki: tuple[str, WikiSite], name: str) -> None:
    base, _ = wiki
    switch(base, **{f"{name}_every": 2})
    answers = [api(base, **SEARCH) for _ in range(4)]
    assert ["error" in answer for _, answer in answers] == [False, True, False, True]
    assert answers[1][1]["error"]["code"] == name
    assert (answers[1][0]["Retry-After"], answers[0][0]["Retry-After"]) == ("5", None)


def test_a_busy_search_engine_is_an_error_without_retry_after(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    switch(base, busy_every=1)
    headers, answer = api(base, **SEARCH)
    assert answer["error"]["code"] == headers["MediaWiki-API-Error"] == "cirrussearch-too-busy-error"
    assert headers["Retry-After"] is None
    assert "query" in api(base, action="query", titles="File:A.jpg")[1]


def test_429_comes_before_the_api_with_and_without_retry_after(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    for retry_after, said in ((9, "9"), (0, None)):
        switch(base, too_many_every=1, retry_after_s=retry_after)
        status, headers, body = fetch(f"{base}/w/api.php", {"format": "json", **SEARCH})
        assert (status, headers["Retry-After"]) == (429, said)
        assert b"Too Many Requests" in body


def test_an_answer_may_end_in_the_middle(wiki: tuple[str, WikiSite]) -> None:
    switch(wiki[0], cut_every=1)
    status, _, body = fetch(f"{wiki[0]}/w/api.php", {"format": "json", **SEARCH})
    assert status == 200
    with pytest.raises(json.JSONDecodeError):
        json.loads(body)


def test_an_original_has_the_size_and_hash_the_api_says(wiki: tuple[str, WikiSite]) -> None:
    _, answer = api(wiki[0], **SEARCH, **IMAGE)
    for page in answer["query"]["pages"].values():
        (info,) = page["imageinfo"]
        status, headers, content = fetch(info["url"])
        assert (status, headers["Content-Type"]) == (200, info["mime"])
        assert content == jpeg_of(1400, 700)
        assert (len(content), hashlib.sha1(content).hexdigest()) == (info["size"], info["sha1"])
        assert fetch(info["descriptionurl"])[0] == 200


def test_thumbnails_are_served_at_the_standard_widths_only(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    wanted = {250: (200, (250, 125)), 960: (200, (960, 480)), 800: (429, None), 640: (429, None)}
    for width, (status, extent) in wanted.items():
        _, answer = api(base, **{**SEARCH, "gsrlimit": "1"}, **IMAGE, iiurlwidth=str(width))
        (info,) = answer["query"]["pages"].popitem()[1]["imageinfo"]
        assert (info["thumbwidth"], info["thumbheight"]) == (width, width // 2)
        found, _, content = fetch(info["thumburl"])
        assert found == status
        if extent:
            assert Image.open(io.BytesIO(content)).size == extent


def test_no_thumbnail_is_wider_than_the_original(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    _, answer = api(base, **{**SEARCH, "gsrlimit": "1"}, **IMAGE, iiurlwidth="1920")
    (info,) = answer["query"]["pages"].popitem()[1]["imageinfo"]
    assert (info["thumburl"], info["thumbwidth"]) == (info["url"], 1400)
    key = info["url"].rsplit("/", 1)[1]
    enlarged = f"{info['url'].replace('/commons/', '/commons/thumb/')}/1920px-{key}"
    assert fetch(enlarged)[0] == 400


@pytest.mark.parametrize("change", [lambda url: url + "x", lambda url: url.replace("/commons/", "/commons/f/ff/")])
def test_a_wrong_path_is_no_file(wiki: tuple[str, WikiSite], change: Any) -> None:
    (info,) = api(wiki[0], **SEARCH, **IMAGE)[1]["query"]["pages"].popitem()[1]["imageinfo"]
    assert fetch(change(info["url"]))[0] == 404


def test_images_may_be_refused_too(wiki: tuple[str, WikiSite]) -> None:
    base, _ = wiki
    (info,) = api(base, **SEARCH, **IMAGE)[1]["query"]["pages"].popitem()[1]["imageinfo"]
    switch(base, image_429_every=2)
    assert [fetch(info["url"])[0] for _ in range(4)] == [200, 429, 200, 429]
    counts = json.loads(fetch(f"{base}/_control/wiki")[2])["counts"]
    assert (counts["images"], counts["image requests"], counts["commons query"]) == (2, 4, 1)


def test_a_switch_that_is_none_is_refused(wiki: tuple[str, WikiSite]) -> None:
    for wrong in ({"nope": 1}, {"lag_every": "often"}, [1]):
        assert fetch(f"{wiki[0]}/_control/wiki", data=json.dumps(wrong).encode())[0] == 400


def test_the_photo_sites_own_port_has_the_wikis_too() -> None:
    photos = [site_photo(1, title="Ada Onsel", subject="Ada_Onsel", birth_year=1950)]

    async def ask() -> tuple[list[int], dict[str, Any]]:
        async with TestClient(TestServer(PhotoSite(photos).app())) as client:
            statuses = []
            for path, params in (
                ("/w/api.php", {"format": "json", **SEARCH, **IMAGE}),
                ("/wikidata/w/api.php", {"format": "json", "action": "wbgetentities", "ids": "Q1"}),
                ("/services/rest/", {"method": "flickr.test.echo", "api_key": "k"}),
            ):
                async with client.get(path, params=params) as response:
                    statuses.append(response.status)
                    if path == "/w/api.php":
                        answer = await response.json()
            (info,) = answer["query"]["pages"].popitem()[1]["imageinfo"]
            async with client.get(urllib.parse.urlsplit(info["url"]).path) as response:
                statuses.append(response.status)
            return statuses, answer

    statuses, _ = asyncio.run(ask())
    assert statuses == [200, 200, 200, 200]


def test_the_routes_of_one_list_of_photos_share_one_site() -> None:
    photos = [site_photo(1)]
    makers = {(method, path): maker for method, path, maker in WIKI_ROUTES}
    assert len(makers) == len(WIKI_ROUTES)
    assert makers["GET", "/_control/wiki"](photos).__self__ is makers["POST", "/_control/wiki"](photos).__self__  # type: ignore[attr-defined]
    other = [site_photo(1)]
    assert makers["GET", "/_control/wiki"](photos).__self__ is not makers["GET", "/_control/wiki"](other).__self__  # type: ignore[attr-defined]
