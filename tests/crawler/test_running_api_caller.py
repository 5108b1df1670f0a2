"""Calling an API: budget, pace, what is tried again and after which wait."""

import asyncio
import itertools
import time
from collections.abc import Mapping
from dataclasses import replace

import pytest
from scrapy import Request
from scrapy.http import Response, TextResponse
from sqlalchemy import Engine, select

from crawler.keys import NEEDS_KEY
from crawler.politeness.pace import HostPaces
from crawler.running.api_caller import ApiCaller, CallSettings
from crawler.running.catalog_thread import CatalogThread
from crawler.sites.found import Ask, SiteFault
from db.models import ApiCall

API = "http://127.0.0.1:1/api"
PATIENT = CallSettings(calls_per_hour=0, delay_s=0.0, retries=3, retry_delay_s=0.001)


class Script:
    """A site that answers as it is told, and remembers what it was asked and when."""

    def __init__(self, *answers: tuple[int, bytes, dict[str, str]] | Exception) -> None:
        self.answers = list(answers)
        self.requests: list[Request] = []
        self.asked_at: list[float] = []

    async def download(self, request: Request) -> Response:
        """Answer as Scrapy's downloader does."""
        self.requests.append(request)
        self.asked_at.append(time.time())
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        status, body, headers = answer
        return TextResponse(API, status=status, body=body, headers=headers)

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return a transient fault above 400 but for 401."""
        asked = headers.get("retry-after")
        kind = "fatal" if status == 401 else "transient"
        return SiteFault(kind, f"HTTP {status}", retry_after_s=float(asked) if asked else None)  # type: ignore[arg-type]


def _call(
    script: Script, catalog: Engine, ask: Ask, settings: CallSettings = PATIENT, *, times: int = 1
) -> list[bytes | SiteFault]:
    async def work() -> list[bytes | SiteFault]:
        caller = ApiCaller(script, settings, download=script.download, catalog=CatalogThread(catalog), pace=HostPaces())
        return [await caller.call(ask) for _ in range(times)]

    return asyncio.run(work())


OK = (200, b"{}", dict[str, str]())
GET = Ask(API, "GET", {"q": "a b"})
POST = Ask(API, "POST", {"text": '"A B"'}, ("FLICKR_API_KEY", "api_key"))


def test_parameters_of_a_get_are_in_the_address_and_of_a_post_in_the_body(sqlite_catalog: Engine) -> None:
    script = Script(OK, OK)
    _call(script, sqlite_catalog, GET)
    _call(script, sqlite_catalog, POST)
    get, post = script.requests
    assert (get.method, get.url) == ("GET", f"{API}?q=a+b")
    assert (post.method, post.url, post.body) == ("POST", API, b"text=%22A+B%22")
    assert NEEDS_KEY not in get.meta
    assert post.meta[NEEDS_KEY] == ("FLICKR_API_KEY", "api_key")
    assert all(request.meta["dont_redirect"] for request in script.requests)


@pytest.mark.parametrize("fault", [(503, b"", dict[str, str]()), (429, b"", {"Retry-After": "0"}), TimeoutError()])
def test_a_passing_fault_is_tried_again(
    sqlite_catalog: Engine, fault: tuple[int, bytes, dict[str, str]] | Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crawler.politeness.rate.backoff_s", lambda _times: 0.01)
    script = Script(fault, fault, OK)
    assert _call(script, sqlite_catalog, GET) == [b"{}"]
    assert len(script.requests) == 3


def test_after_all_tries_the_fault_is_returned(sqlite_catalog: Engine) -> None:
    script = Script(*[(500, b"", dict[str, str]()) for _ in range(4)])
    (answer,) = _call(script, sqlite_catalog, GET)
    assert isinstance(answer, SiteFault)
    assert answer.message == "HTTP 500"
    assert len(script.requests) == 1 + PATIENT.retries


def test_a_refusal_is_not_tried_again(sqlite_catalog: Engine) -> None:
    script = Script((401, b"", {}))
    (answer,) = _call(script, sqlite_catalog, GET)
    assert isinstance(answer, SiteFault)
    assert answer.kind == "fatal"
    assert len(script.requests) == 1


def test_retry_after_is_waited_for_and_a_long_one_is_handed_back(sqlite_catalog: Engine) -> None:
    script = Script((429, b"", {"Retry-After": "0.3"}), OK)
    _call(script, sqlite_catalog, GET)
    assert script.asked_at[1] - script.asked_at[0] >= 0.3

    script = Script((429, b"", {"Retry-After": "3000"}))
    (answer,) = _call(script, sqlite_catalog, GET)
    assert isinstance(answer, SiteFault)
    assert answer.retry_after_s == 3000
    assert len(script.requests) == 1


def test_every_try_takes_its_own_place_in_the_hour(sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLICKR_API_KEY", "a key of the test")
    settings = replace(PATIENT, calls_per_hour=3600)
    _call(Script((500, b"", {}), OK, OK), sqlite_catalog, POST, settings, times=2)
    with sqlite_catalog.connect() as connection:
        rows = connection.execute(select(ApiCall.__table__)).all()
    assert len(rows) == 3
    assert all("key of the test" not in str(row) for row in rows)


def test_calls_are_as_far_apart_as_the_settings_say_over_restarts(
    sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FLICKR_API_KEY", "a key of the test")
    settings = replace(PATIENT, delay_s=0.15)
    script = Script(OK, OK, OK, OK)
    _call(script, sqlite_catalog, POST, settings, times=2)
    _call(script, sqlite_catalog, POST, settings, times=2)
    with sqlite_catalog.connect() as connection:
        moments = sorted(connection.execute(select(ApiCall.used_at)).scalars())
    assert len(moments) == 4
    assert all(later - earlier >= 0.15 - 1e-6 for earlier, later in itertools.pairwise(moments))
    # A busy machine may call later than its moment, never before it.
    assert all(asked >= moment for asked, moment in zip(script.asked_at, moments, strict=True))
