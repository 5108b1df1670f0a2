"""Fetching an image from hosts that behave in every way, and what is on the disk afterwards."""

import asyncio
import hashlib
import io
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import web
from PIL import Image

from agegap.files import PART_SUFFIX
from crawler.fetching.fetcher import MAX_WAIT_S, ImageFetcher
from crawler.fetching.settings import FetchSettings
from crawler.politeness.pace import HostPaces
from crawler.politeness.robots import Robots, RobotsText
from db.image_frontier import PendingPhoto, PhotoOutcome
from tests.crawler.fake_site import drawn_image
from tests.crawler.served import serving

PHOTO = drawn_image(7)
LARGE = drawn_image(8, size=(64, 48)) + b"appended by an editor" * 60_000  # 1.2 MB: read in parts
USER_AGENT = "agegap/0.1 (+mailto:someone@example.org)"

Answer = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


@dataclass
class Host:
    """Answers requests one after another with `answers`, the last one for ever; remembers what was asked."""

    answers: list[Answer]
    asked: list[web.BaseRequest] = field(default_factory=list)

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        self.asked.append(request)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)


@dataclass
class Fetched:
    """What a fetch came to: the outcome, the requests, the waits, the files in the data folder."""

    outcome: PhotoOutcome
    asked: list[web.BaseRequest]
    waits: list[float]
    files: dict[str, bytes]


class FakeTime:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.waits: list[float] = []

    def clock(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds


def fetch(
    data: Path, *answers: Answer, path: str = "/1_c.jpg", robots: RobotsText | None = None, **settings: float
) -> Fetched:
    """Fetch one photo from a host that gives `answers`."""
    host, fake = Host(list(answers)), FakeTime()

    async def robots_text(_url: str) -> RobotsText:
        assert robots is not None
        return robots

    async def main() -> PhotoOutcome:
        async with serving(host) as address:
            fetcher = ImageFetcher(
                FetchSettings(user_agent=USER_AGENT, **settings),  # type: ignore[arg-type]
                data=data,
                pace=HostPaces(clock=fake.clock, sleep=fake.sleep),
                robots=Robots(robots_text, USER_AGENT) if robots is not None else None,
                is_placeholder=lambda url: "photo_unavailable" in url,
                sleep=fake.sleep,
            )
            try:
                return await fetcher.fetch(PendingPhoto(1, "1", f"{address}{path}", "photos/Marta/1.jpg", 0))
            finally:
                await fetcher.close()

    outcome = asyncio.run(main())
    files = {str(file.relative_to(data)): file.read_bytes() for file in data.rglob("*") if file.is_file()}
    return Fetched(outcome, host.asked, fake.waits, files)


def says(body: bytes = PHOTO, *, status: int = 200, **headers: str) -> Answer:
    """Return an answer with this body; `X_Robots_Tag="noai"` becomes the header X-Robots-Tag."""

    async def answer(_request: web.BaseRequest) -> web.StreamResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.Response(body=body, status=status, headers={"Content-Type": "image/jpeg", **named})

    return answer


def chunked(body: bytes) -> Answer:
    """Return an answer without Content-Length."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(body)
        await response.write_eof()
        return response

    return answer


def broken_off(body: bytes, *, length: int | None) -> Answer:
    """Return an answer that says `length` bytes (None: until the connection ends) and ends after `body`."""

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        head = f"Content-Length: {length}\r\n" if length is not None else ""
        request.transport.write(f"HTTP/1.1 200 OK\r\n{head}Connection: close\r\n\r\n".encode() + body)
        request.transport.close()
        return web.Response()

    return answer


async def silence(request: web.BaseRequest) -> web.StreamResponse:
    """Never answer."""
    await asyncio.sleep(60)
    return web.Response()


async def drip(request: web.BaseRequest) -> web.StreamResponse:
    """Send a long photo a byte at a time."""
    response = web.StreamResponse(headers={"Content-Length": "5000000"})
    await response.prepare(request)
    while True:
        await response.write(b"\xff")
        await asyncio.sleep(0.02)


def assert_done(fetched: Fetched, content: bytes) -> None:
    assert fetched.files == {"photos/Marta/1.jpg": content}
    with Image.open(io.BytesIO(content)) as image:
        assert fetched.outcome == PhotoOutcome(
            photo_id=1,
            state="done",
            path="photos/Marta/1.jpg",
            sha256=hashlib.sha256(content).hexdigest(),
            byte_count=len(content),
            width=image.width,
            height=image.height,
        )


def assert_not_kept(fetched: Fetched, state: str, error: str, *, tries: int) -> None:
    assert fetched.outcome.state == state
    assert error in (fetched.outcome.error or "")
    assert fetched.files == {}
    assert len(fetched.asked) == tries


@pytest.mark.parametrize("content", [PHOTO, LARGE, PHOTO + b"\0" * 100])
@pytest.mark.parametrize("serve", [says, chunked, lambda body: broken_off(body, length=None)])
def test_an_image_is_kept_as_it_was_served(tmp_path: Path, serve: Callable[[bytes], Answer], content: bytes) -> None:
    assert_done(fetch(tmp_path, serve(content)), content)


@pytest.mark.parametrize("kind", ["PNG", "GIF", "WEBP", "BMP"])
def test_every_kind_of_image_is_kept(tmp_path: Path, kind: str) -> None:
    stream = io.BytesIO()
    Image.new("RGB", (31, 17), (9, 200, 40)).save(stream, kind)
    assert_done(fetch(tmp_path, says(stream.getvalue())), stream.getvalue())


def test_the_request_says_who_asks_and_wants_the_plain_bytes(tmp_path: Path) -> None:
    answer = says(Set_Cookie="id=1; path=/")
    asked = fetch(tmp_path, says(status=500, Set_Cookie="id=1; path=/"), answer).asked
    assert [request.headers["User-Agent"] for request in asked] == [USER_AGENT, USER_AGENT]
    assert asked[1].headers["Accept-Encoding"] == "identity"
    assert "Cookie" not in asked[1].headers


def test_an_older_file_is_replaced_whole(tmp_path: Path) -> None:
    (tmp_path / "photos" / "Marta").mkdir(parents=True)
    (tmp_path / "photos" / "Marta" / "1.jpg").write_bytes(b"x" * 1_000_000)
    assert_done(fetch(tmp_path, says()), PHOTO)


@pytest.mark.parametrize(
    ("answer", "state", "error"),
    [
        (says(b"", status=404), "gone", "HTTP 404"),
        (says(b"", status=410), "gone", "HTTP 410"),
        (says(b"", status=451), "gone", "HTTP 451"),
        (says(X_Robots_Tag="noai, noimageai"), "gone", "opted out"),
        (says(status=302, Location="https://s.yimg.com/pw/images/en-us/photo_unavailable.png"), "gone", "placeholder"),
        (says(b"", status=401), "failed", "HTTP 401"),
        (says(b"", status=403), "failed", "HTTP 403"),
        (says(b"", status=204), "failed", "HTTP 204"),
        (says(b"<html>sign in</html>"), "failed", "not an image"),
        (chunked(b"<html>sign in</html>"), "failed", "not an image"),
        (says(Content_Encoding="gzip"), "failed", "packed"),
        (says(status=302), "failed", "without an address"),
        (says(status=302, Location="ftp://127.0.0.1/1.jpg"), "failed", "out of the web"),
        (says(status=302, Location="file:///etc/passwd"), "failed", "out of the web"),
        (says(status=302, Location="http://[::1/1.jpg"), "failed", "no address"),
    ],
)
def test_what_asking_again_does_not_change_is_asked_once(
    tmp_path: Path, answer: Answer, state: str, error: str
) -> None:
    assert_not_kept(fetch(tmp_path, answer), state, error, tries=1)


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (says(b"", status=500), "HTTP 500"),
        (says(b"", status=502), "HTTP 502"),
        (says(b""), "empty"),
        (says(PHOTO[:-40]), "truncated"),
        (says(PHOTO[:30]), "truncated"),
        (says(LARGE[:400]), "truncated"),
        (chunked(PHOTO[:-40]), "truncated"),
        (broken_off(PHOTO[:300], length=len(PHOTO)), "truncated"),
        (broken_off(LARGE[:900_000], length=len(LARGE)), "truncated"),
        (broken_off(PHOTO[:-40], length=None), "truncated"),
        (broken_off(b"", length=None), "empty"),
    ],
)
def test_what_may_pass_is_asked_again_and_then_failed(tmp_path: Path, answer: Answer, error: str) -> None:
    fetched = fetch(tmp_path, answer, retries=2)
    assert_not_kept(fetched, "failed", error, tries=3)
    first, second = fetched.waits
    assert 0.5 <= first <= 1 <= second <= 2
    assert fetched.outcome.next_try is None


def test_an_image_that_comes_at_last_is_kept(tmp_path: Path) -> None:
    answers = [says(b"", status=500), broken_off(PHOTO[:300], length=len(PHOTO)), says(b"", status=429), says()]
    fetched = fetch(tmp_path, *answers)
    assert_done(fetched, PHOTO)
    assert len(fetched.asked) == 4


def test_a_host_that_says_when_is_asked_then(tmp_path: Path) -> None:
    fetched = fetch(tmp_path, says(b"", status=429, Retry_After="17"), says(b"", status=503, Retry_After="40"), says())
    assert_done(fetched, PHOTO)
    assert sum(fetched.waits) == pytest.approx(57, abs=2)


def test_a_wait_beyond_two_minutes_is_left_to_the_catalog(tmp_path: Path) -> None:
    before = datetime.now(UTC).timestamp()
    fetched = fetch(tmp_path, says(b"", status=429, Retry_After="3600"))
    assert_not_kept(fetched, "failed", "HTTP 429", tries=1)
    assert fetched.outcome.next_try is not None
    assert 3599 <= fetched.outcome.next_try.timestamp() - before <= 3660


def test_a_host_that_is_silent_slows_everybody_and_a_slow_image_only_itself(tmp_path: Path) -> None:
    def rates_after(answer: Answer) -> int:
        pace = HostPaces()

        async def main() -> None:
            async with serving(answer) as address:
                fetcher = ImageFetcher(
                    FetchSettings(user_agent=USER_AGENT, timeout_s=0.1, retries=0),
                    data=tmp_path,
                    pace=pace,
                    robots=None,
                    is_placeholder=lambda _url: False,
                )
                await fetcher.fetch(PendingPhoto(1, "1", f"{address}/1.jpg", "a/1.jpg", 0))
                await fetcher.close()

        asyncio.run(main())
        return len(pace.rates())

    assert rates_after(silence) == 1
    assert rates_after(drip) == 0


def test_redirects_are_followed_and_a_placeholder_is_never_asked_for(tmp_path: Path) -> None:
    fetched = fetch(tmp_path, says(status=301, Location="/a.jpg"), says(status=307, Location="b.jpg"), says())
    assert_done(fetched, PHOTO)
    assert [request.path for request in fetched.asked] == ["/1_c.jpg", "/a.jpg", "/b.jpg"]
    gone = fetch(tmp_path / "other", says(status=302, Location="/photo_unavailable.png"), says())
    assert_not_kept(gone, "gone", "placeholder", tries=1)


def test_redirects_in_a_circle_end(tmp_path: Path) -> None:
    assert_not_kept(fetch(tmp_path, says(status=302, Location="/1_c.jpg")), "failed", "redirected more", tries=6)


@pytest.mark.parametrize("serve", [says, chunked])
def test_an_image_above_the_limit_is_not_read_on(tmp_path: Path, serve: Callable[[bytes], Answer]) -> None:
    fetched = fetch(tmp_path, serve(LARGE), max_image_bytes=1 << 20)
    assert_not_kept(fetched, "failed", "larger than max_image_megabytes (1 MB)", tries=1)


@pytest.mark.parametrize("answer", [silence, drip])
def test_a_host_that_keeps_a_connection_for_nothing_is_given_up(tmp_path: Path, answer: Answer) -> None:
    assert_not_kept(fetch(tmp_path, answer, timeout_s=0.1, retries=1), "failed", "too slow", tries=2)


def test_a_long_image_may_take_longer_than_a_request(tmp_path: Path) -> None:
    async def steady(request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Length": str(len(LARGE))})
        await response.prepare(request)
        for start in range(0, len(LARGE), 200_000):
            await response.write(LARGE[start : start + 200_000])
            await asyncio.sleep(0.25)
        return response

    assert_done(fetch(tmp_path, steady, timeout_s=1.2), LARGE)


def test_robots_txt_keeps_us_off_or_lets_us_wait(tmp_path: Path) -> None:
    forbidden = fetch(tmp_path, says(), robots=RobotsText(200, "User-agent: *\nDisallow: /"))
    assert_not_kept(forbidden, "failed", "forbidden by robots.txt", tries=0)
    unknown = fetch(tmp_path, says(), robots=RobotsText(503))
    assert_not_kept(unknown, "pending", "robots.txt cannot be had", tries=0)
    assert unknown.waits == [MAX_WAIT_S]
    assert unknown.outcome.next_try is not None
    assert_done(fetch(tmp_path, says(), robots=RobotsText(200, "User-agent: *\nCrawl-delay: 7")), PHOTO)


def test_a_crawl_delay_is_kept_between_two_requests(tmp_path: Path) -> None:
    robots = RobotsText(200, "User-agent: *\nCrawl-delay: 30")
    fetched = fetch(tmp_path, says(status=302, Location="/a.jpg"), says(), robots=robots)
    assert_done(fetched, PHOTO)
    assert sum(fetched.waits) == pytest.approx(30, abs=0.1)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/1.jpg", "http://no-such-host.invalid/1.jpg"])
def test_a_host_that_is_not_there_is_a_failure_of_the_photo_not_of_the_crawl(tmp_path: Path, url: str) -> None:
    outcome = asyncio.run(_fetch_url(tmp_path, url))
    assert outcome.state == "failed"
    assert "Connect" in (outcome.error or "")


@pytest.mark.parametrize("url", ["", "nonsense", "http://", "http://host:port/1.jpg", "ftp://127.0.0.1/1.jpg"])
def test_what_is_no_address_is_a_failure_of_the_photo(tmp_path: Path, url: str) -> None:
    assert asyncio.run(_fetch_url(tmp_path, url)).state == "failed"


async def _fetch_url(data: Path, url: str) -> PhotoOutcome:
    fake = FakeTime()
    fetcher = ImageFetcher(
        FetchSettings(user_agent=USER_AGENT, retries=1),
        data=data,
        pace=HostPaces(clock=fake.clock, sleep=fake.sleep),
        robots=None,
        is_placeholder=lambda _url: False,
        sleep=fake.sleep,
    )
    try:
        return await fetcher.fetch(PendingPhoto(1, "1", url, "photos/Marta/1.jpg", 0))
    finally:
        await fetcher.close()


@pytest.mark.parametrize("content", [PHOTO, LARGE])
def test_a_disk_that_refuses_stops_the_crawl_and_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("crawler.fetching.part_file.os.write", full)
    with pytest.raises(OSError, match="No space left"):
        fetch(tmp_path, says(content))
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []


def test_a_stopped_fetch_leaves_only_what_a_later_crawl_removes(tmp_path: Path) -> None:
    async def main() -> None:
        async with serving(drip) as address:
            fetcher = ImageFetcher(
                FetchSettings(user_agent=USER_AGENT),
                data=tmp_path,
                pace=HostPaces(),
                robots=None,
                is_placeholder=lambda _url: False,
            )
            task = asyncio.create_task(fetcher.fetch(PendingPhoto(1, "1", f"{address}/1.jpg", "a/1.jpg", 0)))
            while not list(tmp_path.rglob(f"*{PART_SUFFIX}")):
                await asyncio.sleep(0.01)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await fetcher.close()

    asyncio.run(main())
    assert [file for file in tmp_path.rglob("*") if file.is_file()] == []
