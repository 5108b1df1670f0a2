"""What hosts ask in robots.txt, X-Robots-Tag and Retry-After."""

import asyncio
import itertools
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from aiohttp import web

from crawler.politeness.retry_after import backoff_s, retry_after_s
from crawler.politeness.robots import KEPT_S, UNREACHABLE_KEPT_S, Robots, RobotsText
from crawler.politeness.robots_tag import opts_out
from crawler.politeness.robots_text import fetch_robots_text
from tests.crawler.served import serving

AGENT = "agegap/0.1 (+mailto:someone@example.org)"
IMAGE = "https://images.example/65535/1_c.jpg"


class Hosts:
    """Answers for robots.txt by their URL; counts how often each is asked for."""

    def __init__(self, **answers: RobotsText | Exception) -> None:
        self.answers = {f"https://{host}.example/robots.txt": answer for host, answer in answers.items()}
        self.asked: list[str] = []
        self.now = 0.0

    async def fetch(self, url: str) -> RobotsText:
        self.asked.append(url)
        await asyncio.sleep(0)
        answer = self.answers[url]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def robots(self) -> Robots:
        return Robots(self.fetch, AGENT, clock=lambda: self.now)


def verdict_of(answer: RobotsText | Exception, url: str = IMAGE) -> str:
    return asyncio.run(Hosts(images=answer).robots().verdict(url))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("", "allowed"),
        ("User-agent: *\nDisallow:", "allowed"),
        ("User-agent: *\nDisallow: /", "forbidden"),
        ("User-agent: *\rDisallow: /\r", "forbidden"),
        ("user-agent: *\ndisallow: /65535/", "forbidden"),
        ("User-agent: *\nDisallow: /services/", "allowed"),
        ("User-agent: *\nDisallow: /\nAllow: /*.jpg$", "allowed"),
        ("User-agent: otherbot\nDisallow: /", "allowed"),
        ("User-agent: *\nDisallow: /\n\nUser-agent: AgeGap\nAllow: /", "allowed"),
        ("User-agent: *\nAllow: /\n\nUser-agent: agegap\nDisallow: /", "forbidden"),
        ("User-agent: gap\nDisallow: /", "allowed"),
        ("<html>Not here</html>", "allowed"),
    ],
)
def test_rules_are_those_of_the_product_token(text: str, verdict: str) -> None:
    assert verdict_of(RobotsText(200, text)) == verdict


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        (RobotsText(404, "User-agent: *\nDisallow: /"), "allowed"),
        (RobotsText(403), "allowed"),
        (RobotsText(410), "allowed"),
        (RobotsText(429), "unknown"),
        (RobotsText(500), "unknown"),
        (RobotsText(503), "unknown"),
        (OSError("refused"), "unknown"),
        (TimeoutError(), "unknown"),
    ],
)
def test_no_robots_is_no_rule_but_no_answer_is_not_yet(answer: RobotsText | Exception, verdict: str) -> None:
    assert verdict_of(answer) == verdict
    assert asyncio.run(Hosts(images=answer).robots().allows(IMAGE)) is (verdict == "allowed")


def test_a_host_is_asked_once_a_day_however_many_want_to_know() -> None:
    hosts = Hosts(images=RobotsText(200, "User-agent: *\nDisallow: /private/"), other=RobotsText(404))

    async def main() -> None:
        robots = hosts.robots()
        await asyncio.gather(*(robots.allows(IMAGE) for _ in range(50)))
        await robots.allows("https://OTHER.example/x.jpg")
        assert not await robots.allows("https://images.example/private/1.jpg")
        assert len(hosts.asked) == 2
        hosts.now = KEPT_S + 1
        await robots.allows(IMAGE)
        assert len(hosts.asked) == 3

    asyncio.run(main())


def test_an_unreachable_robots_txt_is_asked_for_again() -> None:
    hosts = Hosts(images=OSError("no route"))

    async def main() -> None:
        robots = hosts.robots()
        assert await robots.verdict(IMAGE) == "unknown"
        hosts.answers["https://images.example/robots.txt"] = RobotsText(404)
        assert await robots.verdict(IMAGE) == "unknown"
        hosts.now = UNREACHABLE_KEPT_S + 1
        assert await robots.verdict(IMAGE) == "allowed"

    asyncio.run(main())


def test_who_gives_up_asking_does_not_take_the_answer_from_others() -> None:
    hosts = Hosts(images=RobotsText(200, "User-agent: *\nDisallow: /"))

    async def main() -> None:
        robots = hosts.robots()
        first, second = (asyncio.create_task(robots.verdict(IMAGE)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == "forbidden"
        assert hosts.asked == ["https://images.example/robots.txt"]

    asyncio.run(main())


@pytest.mark.parametrize(
    ("text", "delay_s"),
    [
        ("User-agent: *\nCrawl-delay: 2.5", 2.5),
        ("User-agent: otherbot\nCrawl-delay: 5", None),
        ("User-agent: *\nCrawl-delay: 5\n\nUser-agent: agegap\nCrawl-delay: 1", 1.0),
        ("User-agent: *\nCrawl-delay: soon", None),
        ("User-agent: *\nCrawl-delay: 0", None),
        ("User-agent: *\nCrawl-delay: 999999", 3600.0),
        ("User-agent: *\nDisallow: /a", None),
    ],
)
def test_the_crawl_delay_is_ours(text: str, delay_s: float | None) -> None:
    hosts = Hosts(images=RobotsText(200, text))
    assert asyncio.run(hosts.robots().crawl_delay_s(IMAGE)) == delay_s


async def _robots_app(request: web.BaseRequest) -> web.StreamResponse:
    kind = request.path.split("/")[1]
    if kind == "far":
        raise web.HTTPFound("/near/robots.txt")
    if kind == "round":
        raise web.HTTPFound("/round/robots.txt")
    if kind == "ftp":
        raise web.HTTPFound("ftp://other.example/robots.txt")
    if kind == "large":
        return web.Response(body=b"\xef\xbb\xbfUser-agent: *\n" + b"# filler\n" * 200_000)
    if kind == "broken":
        return web.Response(status=500)
    return web.Response(text=f"# for {request.headers['User-Agent']}")


@pytest.mark.parametrize(
    ("path", "status", "starts", "byte_count"),
    [
        ("near", 200, f"# for {AGENT}", None),
        ("far", 200, f"# for {AGENT}", None),
        ("round", 404, "", 0),
        ("ftp", 404, "", 0),
        ("broken", 500, "", None),
        ("large", 200, "User-agent: *", 500 * 1024 - 3),
    ],
)
def test_a_robots_txt_is_fetched_through_redirects_and_up_to_a_size(
    path: str, status: int, starts: str, byte_count: int | None
) -> None:
    async def main() -> RobotsText:
        async with serving(_robots_app) as host:
            return await fetch_robots_text(f"{host}/{path}/robots.txt", user_agent=AGENT)

    answer = asyncio.run(main())
    assert answer.status == status
    assert answer.text.startswith(starts)
    assert byte_count is None or len(answer.text) == byte_count


def test_a_host_that_is_not_there_has_no_answer() -> None:
    async def main() -> None:
        async with serving(_robots_app) as host:
            pass
        with pytest.raises(OSError, match=r"robots\.txt"):
            await fetch_robots_text(f"{host}/robots.txt", user_agent=AGENT)

    asyncio.run(main())


@pytest.mark.parametrize(
    ("headers", "is_out"),
    [
        ([], False),
        ([""], False),
        (["noai, noimageai"], True),
        (["NOINDEX"], True),
        (["none"], True),
        (["all"], False),
        (["nofollow"], False),
        (["noarchive, max-snippet: 20"], False),
        (["max-image-preview: none"], False),
        (["unavailable_after: 25 Jun 2010 15:00:00 PST, noimageindex"], True),
        (["otherbot: noindex, nofollow"], False),
        (["otherbot: noindex, agegap: none"], True),
        (["agegap: noindex"], True),
        (["*: noimageindex"], True),
        (["otherbot: noai"], True),
        (["nofollow", "otherbot: noindex", "noimageindex"], True),
        (["nofollow noai"], True),
        (["nofollow; noimageai"], True),
    ],
)
def test_an_opt_out_header_is_understood(headers: list[str], is_out: bool) -> None:
    assert opts_out(headers) is is_out
    if len(headers) == 1:
        assert opts_out(headers[0]) is is_out


NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("", None),
        ("soon", None),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("0", 0.0),
        (" 120 ", 120.0),
        ("86400", 86400.0),
        ("Sun, 22 Nov 2026 12:01:30 GMT", 90.0),
        ("Sun, 22 Nov 2026 11:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 13:01:30 +0100", 90.0),
        ("Sun, 32 Nov 2026 13:01:30 GMT", None),
        ("9" * 400, 999_999_999_999.0),
    ],
)
def test_retry_after_is_seconds_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after_s(value, now=NOW) == seconds


def chance(value: float) -> Callable[[], float]:
    return lambda: value


def test_a_backoff_doubles_up_to_a_limit_and_half_of_it_is_chance() -> None:
    longest = [backoff_s(times, chance=chance(1.0)) for times in range(1, 12)]
    assert longest == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]
    assert [backoff_s(times, chance=chance(0.0)) for times in range(1, 12)] == [whole / 2 for whole in longest]
    assert backoff_s(10_000, chance=chance(1.0)) == 300
    assert all(later >= earlier for earlier, later in itertools.pairwise(longest))
