"""The pace of a host against simulated servers with hidden limits, in virtual time."""

import asyncio
import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from crawler.politeness.pace import HostPaces, HostPaused
from tests.crawler.virtual_time import run_virtually, virtual_now

HOST = "images.example"


@dataclass
class LimitedServer:
    """A token bucket: `limit(now)` requests a second, up to `burst` saved; refusals may carry Retry-After."""

    limit: Callable[[float], float]
    burst: float
    retry_after_s: float | None = None
    latency_s: float = 0.08
    served: list[float] = field(default_factory=list)
    refused: list[float] = field(default_factory=list)
    _tokens: float = field(init=False)
    _at: float = 0.0

    def __post_init__(self) -> None:
        self._tokens = self.burst

    async def answer(self) -> bool:
        await asyncio.sleep(self.latency_s / 2)
        now = virtual_now()
        self._tokens = min(self.burst, self._tokens + (now - self._at) * self.limit(now))
        self._at = now
        is_served = self._tokens >= 1
        if is_served:
            self._tokens -= 1
        (self.served if is_served else self.refused).append(now)
        await asyncio.sleep(self.latency_s / 2)
        return is_served


def crawl(server: LimitedServer, *, seconds: float, at_once: int, start_rate: float = 8.0) -> HostPaces:
    """Ask `server` for `seconds` with `at_once` clients that have always something to ask."""

    async def client(pace: HostPaces) -> None:
        while virtual_now() < seconds:
            entered_at = await pace.enter(HOST)
            if await server.answer():
                pace.succeeded(HOST)
            else:
                pace.slowed(HOST, server.retry_after_s, entered_at)

    async def main() -> HostPaces:
        pace = HostPaces({HOST: start_rate}, clock=virtual_now)
        async with asyncio.TaskGroup() as clients:
            for _ in range(at_once):
                clients.create_task(client(pace))
        return pace

    return run_virtually(main())


def share_used(server: LimitedServer, start: float, end: float) -> float:
    """Return what was served from `start` to `end` as a share of what the limit allowed."""
    steps = 1_000
    allowed = sum(server.limit(start + (end - start) * (i + 0.5) / steps) for i in range(steps)) * (end - start) / steps
    return sum(start <= at < end for at in server.served) / allowed


@pytest.mark.parametrize("retry_after_s", [None, 5.0])
@pytest.mark.parametrize(
    ("limit", "burst", "at_once", "seconds"),
    [(0.5, 5, 2, 4000), (5, 10, 8, 1200), (20, 5, 8, 600), (50, 100, 16, 400), (150, 10, 64, 160)],
)
def test_a_hidden_limit_is_found_and_used(
    limit: float, burst: float, at_once: int, seconds: float, retry_after_s: float | None
) -> None:
    server = LimitedServer(lambda _now: limit, burst, retry_after_s)
    crawl(server, seconds=seconds, at_once=at_once)
    asked = len(server.served) + len(server.refused)
    assert len(server.refused) <= 0.05 * asked
    assert share_used(server, seconds / 4, seconds) >= 0.85


@pytest.mark.parametrize(("before", "after"), [(10, 40), (40, 10)])
def test_a_limit_that_moves_is_followed(before: float, after: float) -> None:
    server = LimitedServer(lambda now: before if now < 300 else after, 10)
    crawl(server, seconds=700, at_once=16)
    assert share_used(server, 150, 300) >= 0.85
    assert share_used(server, 450, 700) >= 0.85
    assert len(server.refused) <= 0.05 * (len(server.served) + len(server.refused))


def test_a_host_that_starts_without_a_limit_gets_one_by_its_refusals() -> None:
    server = LimitedServer(lambda _now: 20, 20)
    pace = crawl(server, seconds=400, at_once=8, start_rate=math.inf)
    assert share_used(server, 100, 400) >= 0.85
    assert 10 <= pace.rates()[HOST] <= 30


def test_a_rate_never_passes_its_highest() -> None:
    async def main() -> list[float]:
        pace = HostPaces({HOST: 2.0}, 4.0, clock=virtual_now)
        entered = []
        while virtual_now() < 100:
            entered.append(await pace.enter(HOST))
            pace.succeeded(HOST)
        return entered

    entered = run_virtually(main())
    gaps = [later - earlier for earlier, later in itertools.pairwise(entered)]
    assert min(gaps) >= 1 / 4 - 1e-9
    assert gaps[-1] == pytest.approx(1 / 4)


def test_a_crawl_delay_holds_whatever_the_host_bears() -> None:
    async def main() -> float:
        pace = HostPaces({HOST: 50.0}, clock=virtual_now)
        pace.cap(HOST, 1 / 10)
        for _ in range(11):
            await pace.enter(HOST)
            pace.succeeded(HOST)
        return virtual_now()

    assert run_virtually(main()) == pytest.approx(100, abs=0.1)


def test_an_unlimited_host_costs_no_turn_of_the_loop() -> None:
    async def main() -> None:
        pace = HostPaces(clock=virtual_now)
        for _ in range(100):
            entering = pace.enter(HOST)
            with pytest.raises(StopIteration):  # it ends at once, without handing control to the loop
                entering.send(None)
            pace.succeeded(HOST)
        assert pace.rates() == {}

    run_virtually(main())


def test_hosts_do_not_wait_for_each_other() -> None:
    async def main() -> float:
        pace = HostPaces({"slow": 0.01}, clock=virtual_now)
        await pace.enter("slow")
        waiting = asyncio.create_task(pace.enter("slow"))
        await asyncio.sleep(0)
        entered_at = await pace.enter("other")
        waiting.cancel()
        return entered_at

    assert run_virtually(main()) == 0


def test_first_come_is_first_served_and_who_leaves_takes_no_turn() -> None:
    async def main() -> list[tuple[int, float]]:
        pace = HostPaces({HOST: 1.0}, clock=virtual_now)
        order: list[tuple[int, float]] = []

        async def enter(number: int) -> None:
            await pace.enter(HOST)
            order.append((number, round(virtual_now(), 3)))

        tasks = [asyncio.create_task(enter(number)) for number in range(6)]
        await asyncio.sleep(0.5)
        tasks[1].cancel()  # it was sleeping until its turn
        tasks[3].cancel()  # it stood in the queue
        await asyncio.gather(*tasks, return_exceptions=True)
        return order

    assert run_virtually(main()) == [(0, 0.0), (2, 1.0), (4, 2.0), (5, 3.0)]


def test_a_pause_holds_for_everybody_and_long_ones_are_told() -> None:
    async def main() -> None:
        pace = HostPaces({HOST: 100.0}, clock=virtual_now)
        entered_at = await pace.enter(HOST)
        waiting = [asyncio.create_task(pace.enter(HOST)) for _ in range(3)]
        pace.slowed(HOST, 30.0, entered_at)
        assert min(await asyncio.gather(*waiting)) >= 30
        pace.slowed(HOST, 600.0)
        with pytest.raises(HostPaused) as told:
            await pace.enter(HOST, max_wait_s=120)
        assert told.value.wait_s == pytest.approx(600, abs=1)
        assert await pace.enter(HOST, max_wait_s=700) >= 630

    run_virtually(main())


def test_refusals_of_one_moment_halve_the_rate_once() -> None:
    async def main() -> None:
        pace = HostPaces({HOST: 64.0}, clock=virtual_now)
        entered = [await pace.enter(HOST) for _ in range(20)]
        for entered_at in entered:
            pace.slowed(HOST, 1.0, entered_at)
        assert pace.rates()[HOST] == pytest.approx(32, rel=0.2)
        again = await pace.enter(HOST)
        pace.slowed(HOST, 1.0, again)
        assert pace.rates()[HOST] <= 17

    run_virtually(main())


def test_a_host_that_only_refuses_is_left_alone_ever_longer() -> None:
    async def main() -> list[float]:
        pace = HostPaces({HOST: 10.0}, clock=virtual_now)
        entered = []
        for _ in range(12):
            entered.append(await pace.enter(HOST))
            pace.slowed(HOST, None, entered[-1])
        return entered

    entered = run_virtually(main())
    gaps = [later - earlier for earlier, later in itertools.pairwise(entered)]
    assert gaps[0] <= 1.2
    assert 150 <= gaps[-1] <= 301


def test_a_rate_that_was_found_can_be_kept_for_the_next_crawl() -> None:
    pace = HostPaces({HOST: 4.0}, 100.0)
    pace.set_rate(HOST, 32.0)
    assert pace.rates() == {HOST: 32.0}
    pace.set_rate(HOST, 1000.0)
    assert pace.rates() == {HOST: 100.0}
