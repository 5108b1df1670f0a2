"""Tasks over worker processes: in order, with bounded memory, and no task lost when a worker dies.

Spawned, not forked: OpenCV's threads do not survive a fork. A worker that dies (killed for memory, crashed on a hostile
file) takes the whole pool with it; the tasks it held are then run one by one, so that only the guilty one is given up.
"""

import multiprocessing
import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import Any, Generic, TypeVar

from agegap.errors import DataFailed

T = TypeVar("T")
R = TypeVar("R")

AHEAD = 8
"""Tasks handed out for each worker: enough that none waits while a slow one is awaited, few enough to hold."""

_work: Callable[[Any], Any] | None = None  # in a worker: what it does with a task


class Workers(Generic[T, R]):
    """Runs `start(*arguments)` once in each of `count` processes; what it returns is called with each task.

    With `count` 0 the tasks are run in this process. Workers ignore Ctrl-C, which their parent handles, and end when
    their parent is gone.
    """

    def __init__(self, start: Callable[..., Callable[[T], R]], arguments: tuple[Any, ...], *, count: int) -> None:
        self._start, self._arguments, self._count = start, arguments, count

    def map(self, tasks: Iterable[T], *, crashed: Callable[[T], R]) -> Iterator[R]:
        """Yield the result of each task in order; `crashed` makes the result of one that kills its worker twice."""
        if self._count == 0:
            yield from map(self._start(*self._arguments), tasks)
            return
        waiting: deque[tuple[T, Future[R]]] = deque()
        source = iter(tasks)
        pool = self._pool(self._count)
        try:
            while True:
                try:
                    self._fill(pool, waiting, source)
                    if not waiting:
                        return
                    result = waiting[0][1].result()
                except BrokenProcessPool:
                    pool.shutdown(wait=True)
                    held, waiting = list(waiting), deque()
                    yield from self._one_by_one(held, crashed)
                    pool = self._pool(self._count)
                    continue
                waiting.popleft()
                yield result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _fill(self, pool: ProcessPoolExecutor, waiting: deque[tuple[T, Future[R]]], source: Iterator[T]) -> None:
        while len(waiting) < self._count * AHEAD:
            try:
                task = next(source)
            except StopIteration:
                return
            try:
                waiting.append((task, pool.submit(_run, task)))
            except BrokenProcessPool:
                lost: Future[R] = Future()
                lost.set_exception(BrokenProcessPool())
                waiting.append((task, lost))
                raise

    def _one_by_one(self, held: list[tuple[T, Future[R]]], crashed: Callable[[T], R]) -> Iterator[R]:
        pool = self._one()
        try:
            for task, future in held:
                if future.done() and not future.cancelled() and future.exception() is None:
                    yield future.result()
                    continue
                try:
                    result = pool.submit(_run, task).result()
                except BrokenProcessPool:
                    pool.shutdown(wait=True)
                    pool = self._one()
                    result = crashed(task)
                yield result
        finally:
            pool.shutdown(wait=True, cancel_futures=True)

    def _one(self) -> ProcessPoolExecutor:
        """Return a pool of one worker that is up; raise DataFailed when none comes up: no task is to blame."""
        pool = self._pool(1)
        try:
            pool.submit(_is_up).result()
        except BrokenProcessPool:
            pool.shutdown(wait=True)
            raise DataFailed("worker processes die before they begin; free some memory, or use --workers 0") from None
        return pool

    def _pool(self, count: int) -> ProcessPoolExecutor:
        return ProcessPoolExecutor(
            count,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(self._start, self._arguments),
        )


def core_count() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _begin(start: Callable[..., Callable[[Any], Any]], arguments: tuple[Any, ...]) -> None:
    global _work
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    _work = start(*arguments)


def _end_with_parent() -> None:
    """End this worker when its parent is killed: it would wait for a task for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _is_up() -> bool:
    return _work is not None


def _run(task: Any) -> Any:
    assert _work is not None
    return _work(task)
