"""How fast years are read: CPU time of one process, best of three rounds, since other work may share the core."""

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from crawler.taken_year import PhotoText, extract_taken_year

ROUNDS = 3


@dataclass(frozen=True)
class Speed:
    """Of one kind of record: its mean size, records a second, and the time of one record at two percentiles."""

    records: int
    mean_bytes: float
    per_s: float
    p50_ms: float
    p99_ms: float


def measure_speed(photos: Sequence[PhotoText]) -> Speed:
    """Read all photos ROUNDS times, the first of which warms up what is compiled once."""
    extract_taken_year(photos[0])
    best = min(_round(photos) for _ in range(ROUNDS))
    fastest = [min(times) for times in zip(*(_each(photos) for _ in range(ROUNDS)), strict=True)]
    fastest.sort()
    size = sum(_bytes(photo) for photo in photos) / len(photos)
    return Speed(len(photos), size, len(photos) / best, _percentile(fastest, 0.5), _percentile(fastest, 0.99))


def measure_longest(sizes: Sequence[int] = (250_000, 500_000, 1_000_000)) -> dict[str, list[float]]:
    """Return CPU milliseconds for texts of digits and of years of these sizes: linear where they grow as the sizes."""
    fills: dict[str, Callable[[int], str]] = {
        "digits": lambda size: ("1234567890" * (size // 10 + 1))[:size],
        "years": lambda size: ("1984 " * (size // 5 + 1))[:size],
    }
    return {name: [_ms(PhotoText(description=fill(size))) for size in sizes] for name, fill in fills.items()}


def measure_hostile(size: int = 10_000) -> float:
    """Return the CPU milliseconds of the slowest of some texts of `size` letters that are hard to read."""
    pieces = ("1984 ", "12/11/10 ", "'84", "May ", "c. ", "born ", "1984-", "(", "<b>", "&amp;", "199", "summer of ")
    return max(_ms(PhotoText(title=text, description=text)) for text in ((piece * size)[:size] for piece in pieces))


def _round(photos: Sequence[PhotoText]) -> float:
    started = time.process_time()
    for photo in photos:
        extract_taken_year(photo)
    return time.process_time() - started


def _each(photos: Sequence[PhotoText]) -> list[float]:
    clock, times = time.process_time_ns, []
    for photo in photos:
        started = clock()
        extract_taken_year(photo)
        times.append((clock() - started) / 1e6)
    return times


def _ms(photo: PhotoText) -> float:
    def once() -> float:
        started = time.process_time()
        extract_taken_year(photo)
        return (time.process_time() - started) * 1000

    return min(once() for _ in range(ROUNDS))


def _percentile(rising: Sequence[float], share: float) -> float:
    return rising[min(len(rising) - 1, math.ceil(share * len(rising)) - 1)]


def _bytes(photo: PhotoText) -> int:
    fields = (photo.text, photo.title, photo.description, photo.tags)
    return sum(len(field.encode("utf-8", "replace")) for field in fields if field)
