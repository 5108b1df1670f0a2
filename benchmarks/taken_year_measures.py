"""What is measured of answers: precision, recall, calibration, and what it means for pairs."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

BINS = 10
"""Of the expected calibration error, equally wide (0 to 0.1, ... 0.9 to 1) or of equally many answers."""


@dataclass(frozen=True)
class Answer:
    """A point: how sure it was, whether it is right, and how many years it is off (0 inside the truth)."""

    confidence: float
    is_right: bool
    years_off: int = 0


@dataclass(frozen=True)
class Score:
    """Points given, points right, and rows that have a truth."""

    points: int
    right: int
    answerable: int

    @property
    def precision(self) -> float | None:
        """Share of the points that are right; None where there are none."""
        return self.right / self.points if self.points else None

    @property
    def recall(self) -> float | None:
        """Share of the rows with a truth that got a right point."""
        return self.right / self.answerable if self.answerable else None


def calibration_error(answers: Sequence[Answer], *, equal_count: bool = False) -> float:
    """Return the expected calibration error: |share right - mean confidence| over BINS bins, weighted by answers.

    Where nearly all answers are sure they share one equally wide bin; `equal_count` then sees more.
    """
    parts = equal_bins(answers) if equal_count else bins(answers)
    return sum(abs(part.share_right - part.mean_confidence) * part.count for part in parts) / max(1, len(answers))


@dataclass(frozen=True)
class Bin:
    """Answers of about one confidence."""

    count: int
    mean_confidence: float
    share_right: float


def bins(answers: Sequence[Answer]) -> list[Bin]:
    """Return the bins that hold answers, from unsure to sure."""
    groups: dict[int, list[Answer]] = {}
    for answer in answers:
        groups.setdefault(min(BINS - 1, int(answer.confidence * BINS)), []).append(answer)
    return [_bin(group) for _, group in sorted(groups.items())]


def equal_bins(answers: Sequence[Answer]) -> list[Bin]:
    """Return bins of equally many answers, from unsure to sure."""
    rising = sorted(answers, key=lambda one: one.confidence)
    bounds = [len(rising) * number // BINS for number in range(BINS + 1)]
    return [_bin(rising[start:end]) for start, end in pairwise(bounds) if end > start]


def _bin(group: Sequence[Answer]) -> Bin:
    return Bin(
        len(group),
        sum(one.confidence for one in group) / len(group),
        sum(one.is_right for one in group) / len(group),
    )


@dataclass(frozen=True)
class Cover:
    """What is left when answers below a confidence are not used."""

    least: float
    coverage: float
    precision: float


def precision_by_coverage(answers: Sequence[Answer], rows: int) -> list[Cover]:
    """Return precision and the share of all rows answered, for rising confidence."""
    curve = []
    for least in (0.0, 0.5, 0.7, 0.8, 0.9, 0.95, 0.97, 0.98, 0.99):
        kept = [answer for answer in answers if answer.confidence >= least]
        if kept:
            curve.append(Cover(least, len(kept) / rows, sum(one.is_right for one in kept) / len(kept)))
    return curve


def pair_error(answers: Sequence[Answer], *, more_than: int = 1) -> float | None:
    """Return P(|error of the difference of two years| > `more_than`) for two of these photos drawn independently."""
    if not answers:
        return None
    offs = Counter(answer.years_off for answer in answers)
    wrong = sum(n * m for a, n in offs.items() for b, m in offs.items() if abs(a - b) > more_than)
    return wrong / len(answers) ** 2
