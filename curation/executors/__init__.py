"""Where tasks run: the executors by name; one line each. All give the same results in the same order."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol, TypeVar

from agegap.errors import UnknownName

T = TypeVar("T")
R = TypeVar("R")
Start = Callable[..., Callable[[Any], Any]]
"""Called once in each worker with arguments that pickle; what it returns is called with each task."""


class Executor(Protocol):
    """Runs tasks on workers."""

    def map(self, tasks: Iterable[Any], *, crashed: Callable[[Any], Any]) -> Iterator[Any]:
        """Yield the result of each task in order; `crashed` makes the result of one that kills its worker twice."""
        ...


def _process(start: Start, arguments: tuple[Any, ...], count: int | None) -> Executor:
    from curation.processes import Workers, core_count

    return Workers[Any, Any](start, arguments, count=core_count() if count is None else count)


def _ray(start: Start, arguments: tuple[Any, ...], count: int | None) -> Executor:
    from curation.executors.on_ray import RayWorkers

    return RayWorkers(start, arguments, count=count)


EXECUTORS: dict[str, Callable[[Start, tuple[Any, ...], int | None], Executor]] = {
    "process": _process,
    "ray": _ray,
}


def make_executor(name: str, start: Start, arguments: tuple[Any, ...], *, count: int | None) -> Executor:
    """Return the executor `name` with `count` workers (None: one a core of this machine, or of the cluster).

    Raises UnknownName, or WrongUse where its package is not installed.
    """
    if name not in EXECUTORS:
        raise UnknownName("executor", name, EXECUTORS)
    return EXECUTORS[name](start, arguments, count)
