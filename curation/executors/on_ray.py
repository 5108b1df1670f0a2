"""Tasks over a Ray cluster: the same function as in processes, the same results in the same order.

The tasks come from the catalog in order of row, and are sent in shards of SHARD rows to actors that hold the
detector; this process alone writes the catalog. Ray reads no listing and keeps no state of ours: a run that is killed
goes on from the catalog. Every node needs agegap installed and the data folder at the same path.

`RAY_ADDRESS` names the cluster; without it a Ray of this machine is started and ended. API:
https://docs.ray.io/en/latest/ray-core/actors.html.
"""

import importlib
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from agegap.errors import DataFailed, WrongUse

SHARD = 32
"""Tasks sent at once: half a second of work, so that what Ray costs for each message does not count."""
AHEAD = 2
"""Shards handed out for each worker."""


class RayWorkers:
    """Runs `start(*arguments)` once in each of `count` actors of one core (None: one a core of the cluster)."""

    def __init__(
        self, start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...], *, count: int | None = None
    ) -> None:
        try:
            ray: Any = importlib.import_module("ray")
        except ModuleNotFoundError:
            raise WrongUse("the executor 'ray' is not installed; run `pip install 'agegap[ray]'`") from None
        self._ray = ray
        self._start, self._arguments, self._count = start, arguments, count
        faults = ray.exceptions
        self._deaths = (faults.RayActorError, faults.WorkerCrashedError, faults.OutOfMemoryError)

    def map(self, tasks: Iterable[Any], *, crashed: Callable[[Any], Any]) -> Iterator[Any]:
        """Yield the result of each task in order; `crashed` makes the result of one that kills its worker twice."""
        is_ours = not self._ray.is_initialized()
        if is_ours:
            self._connect()
        crew = _Crew(self._ray, self._start, self._arguments, self._workers())
        try:
            yield from self._map(crew, iter(tasks), crashed)
        finally:
            crew.end()
            if is_ours:
                self._ray.shutdown()

    def _map(self, crew: "_Crew", source: Iterator[Any], crashed: Callable[[Any], Any]) -> Iterator[Any]:
        waiting: deque[tuple[list[Any], Any, int]] = deque()
        while True:
            while len(waiting) < crew.size * AHEAD and (shard := list(islice(source, SHARD))):
                place = crew.next_place()
                waiting.append((shard, crew.send(place, shard), place))
            if not waiting:
                return
            shard, answer, place = waiting.popleft()
            try:
                results = self._ray.get(answer)
            except self._deaths:
                yield from self._one_by_one(crew, place, shard, crashed)
                continue
            except self._ray.exceptions.RayTaskError as fault:
                raise fault.cause from None  # what the task itself raised: a full disk, a fault of ours
            yield from results

    def _one_by_one(
        self, crew: "_Crew", place: int, shard: Sequence[Any], crashed: Callable[[Any], Any]
    ) -> Iterator[Any]:
        """Yield the results of a shard whose actor died; only a task that kills an actor that is up is given up."""
        crew.renew(place, self._deaths)
        for task in shard:
            try:
                (result,) = self._ray.get(crew.send(place, [task]))
            except self._deaths:
                crew.renew(place, self._deaths, is_dead=True)
                result = crashed(task)
            yield result

    def _connect(self) -> None:
        # Settings of a Ray that is started here; one that runs already has its own.
        is_there = bool(os.environ.get("RAY_ADDRESS"))
        started = {} if is_there else {"include_dashboard": False, "num_cpus": self._count}
        for is_last in (is_there, True):
            try:
                self._ray.init(log_to_driver=False, logging_level="ERROR", **started)
            except Exception as fault:  # noqa: BLE001  Ray raises bare Exception too
                self._ray.shutdown()
                if is_last:  # on a busy machine a start may take more than the 30 s that Ray waits for itself
                    words = (str(fault).strip().splitlines() or [type(fault).__name__])[0]
                    raise DataFailed(
                        f"Ray does not answer ({words}); start it, or set RAY_ADDRESS to where it runs"
                    ) from None
            else:
                return

    def _workers(self) -> int:
        if self._count is not None:
            return max(1, self._count)
        return max(1, int(self._ray.cluster_resources().get("CPU", 1)))


class _Crew:
    """The actors, by place; a dead one is replaced at its place."""

    def __init__(
        self, ray: Any, start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...], size: int
    ) -> None:
        self.size = size
        self._ray, self._start, self._arguments = ray, start, arguments
        self._actor: Any = ray.remote(num_cpus=1)(_Worker)
        self._actors = [self._new() for _ in range(size)]
        self._turn = 0

    def next_place(self) -> int:
        self._turn += 1
        return self._turn % self.size

    def send(self, place: int, shard: list[Any]) -> Any:
        return self._actors[place].run.remote(shard)

    def renew(self, place: int, deaths: tuple[type[Exception], ...], *, is_dead: bool = False) -> None:
        """Make sure that the actor at `place` is up; raise DataFailed when none comes up: no task is to blame."""
        if not is_dead:
            try:
                self._ray.get(self._actors[place].is_up.remote())
                return  # a shard of an actor that was replaced meanwhile
            except deaths:
                pass
        self._actors[place] = self._new()
        try:
            self._ray.get(self._actors[place].is_up.remote())
        except deaths:
            raise DataFailed("workers on Ray die before they begin; free some memory there") from None

    def end(self) -> None:
        for actor in self._actors:
            self._ray.kill(actor)

    def _new(self) -> Any:
        return self._actor.remote(self._start, self._arguments)


class _Worker:
    """What lives in an actor."""

    def __init__(self, start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
        self._work = start(*arguments)

    def run(self, shard: Sequence[Any]) -> list[Any]:
        return [self._work(task) for task in shard]

    def is_up(self) -> bool:
        return True
