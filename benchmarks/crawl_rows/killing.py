"""A crawl whose processes are killed at random moments and started again at once, kept from ending too early.

A moment is drawn from the first request of a process on: before that it has changed nothing that the site could see.
Every tenth time one more process is killed before its first request, while it enters the crawl.

The site's answers are slowed down or sped up after each kill, so that the crawl is as far on as the kills are: the
last of them still hits its middle, on any machine.
"""

import random
import statistics
import time
from dataclasses import dataclass, field

from benchmarks.big_site import BigSite
from benchmarks.crawl_rows.crawling import Place, Worker

MOST_LIFE_S = 0.7
"""Seconds a process may live after its first request; it then has called and fetched some twenty times."""

_EARLY_EVERY = 10
_LOOK_EVERY_S = 0.01
_LAST_SHARE = 0.85
"""How far on the crawl is to be at the last kill."""

_SLOWER, _FASTER = 1.8, 1 / 1.5
_LATENCIES_S = (0.002, 2.0)
"""With several workers the others go on while a killed one starts again: answers must be slow enough for that."""


@dataclass(frozen=True)
class KillPlan:
    """How often to kill one of how many workers; `photos` and `calls` are what the whole crawl needs."""

    kills: int
    workers: int
    seed: int
    photos: int
    calls: int
    arguments: tuple[str, ...]


@dataclass
class Killed:
    """What happened: how many were killed after their first request and before it, and how far on the crawl was."""

    late: int = 0
    early: int = 0
    shares: list[float] = field(default_factory=list)
    seconds: float = 0.0


@dataclass
class _Latencies:
    """What the site waits before an answer, in seconds."""

    api: float
    image: float

    def follow(self, *, calls: float, images: float, target: float) -> None:
        """Slow down what is further on than `target`, a share, and speed up what is not."""
        self.api = _between(self.api * (_SLOWER if calls > target else _FASTER))
        self.image = _between(self.image * (_SLOWER if images > target else _FASTER))


class Killing:
    """Kills the workers of one crawl at `site`, and lets it come to its end."""

    def __init__(self, plan: KillPlan, place: Place, site: BigSite) -> None:
        self._plan, self._place, self._site = plan, place, site
        self._chance = random.Random(plan.seed)
        # Of several workers all but one go on while that one starts again, which takes longer than a life.
        slow = plan.workers**2
        self._latencies = _Latencies(0.09 * slow, 0.06 * slow)
        self._awake: set[str] = set()
        """Keys that have called: the site's own note of them is forgotten whenever its latencies change."""
        self._starting_s: list[float] = []
        self.killed = Killed()

    def run(self) -> Killed:
        """Kill as often as the plan says, or until the crawl has ended; then wait for its end. Raises DataFailed."""
        began = time.monotonic()
        plan, killed = self._plan, self.killed
        self._slow_down()
        workers = [self._start() for _ in range(plan.workers)]
        while killed.late < plan.kills:
            place = self._chance.randrange(plan.workers)
            if not self._wakes_up(workers[place]):
                break
            time.sleep(self._chance.uniform(0, MOST_LIFE_S))
            if workers[place].has_ended:
                break
            workers[place].kill()
            killed.late += 1
            self._follow()
            if killed.late % _EARLY_EVERY == 0:
                self._kill_early()
            workers[place] = self._start()
        self._site.control("faults", {"api_latency_s": 0.0, "image_latency_s": 0.0})
        for worker in workers:
            worker.wait()
        killed.seconds = time.monotonic() - began
        return killed

    def _start(self) -> Worker:
        return self._place.start(self._site.api, *self._plan.arguments)

    def _kill_early(self) -> None:
        worker = self._start()
        time.sleep(self._chance.uniform(0, statistics.median(self._starting_s)))
        if not worker.has_ended:
            worker.kill()
            self.killed.early += 1

    def _wakes_up(self, worker: Worker) -> bool:
        """Wait for the worker's first call; return False when it ended without one, or has ended since."""
        while worker.key not in self._awake:
            if worker.has_ended:
                return False
            time.sleep(_LOOK_EVERY_S)
            self._look()
            if worker.key in self._awake:
                self._starting_s.append(time.monotonic() - worker.started)
        return not worker.has_ended

    def _look(self) -> dict[str, float]:
        stats = self._site.control("stats")
        self._awake.update(stats["largest_calls_by_key"])
        searches = stats["calls_by_method"].get("flickr.photos.search", 0)
        # About one answer of each life is on its way when it ends, and is asked for again.
        calls = (searches - self.killed.late) / self._plan.calls
        return {"calls": calls, "images": stats["photos_served"] / self._plan.photos}

    def _follow(self) -> None:
        shares = self._look()
        self.killed.shares.append(shares["images"])
        target = _LAST_SHARE * self.killed.late / self._plan.kills
        self._latencies.follow(calls=shares["calls"], images=shares["images"], target=target)
        self._slow_down()

    def _slow_down(self) -> None:
        latencies = self._latencies
        self._site.control("faults", {"api_latency_s": latencies.api, "image_latency_s": latencies.image})


def _between(latency_s: float) -> float:
    return min(max(latency_s, _LATENCIES_S[0]), _LATENCIES_S[1])
