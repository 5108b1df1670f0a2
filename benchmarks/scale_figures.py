"""What the samples of a stage say: is it as fast at its end as at its beginning, and does its memory grow."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.scale_watch import Sample

TENTHS = 10
_CLOSING = 0.01
_WARM_UP = 0.2
_BYTES_OF_A_MEGABYTE = 1e6


@dataclass(frozen=True)
class Growth:
    """The last tenth of a stage's rows beside its first; None where it went by too fast to be seen.

    Shares are rates: 1.1 is a last tenth that was a tenth faster. The first tenth begins with the first row that is
    done, so that the start of a program is in neither; the last one ends a hundredth before the end, for the last row
    of a stage is told when all is closed (an export writes its tables and hashes before it).
    """

    cpu_share: float | None
    wall_share: float | None
    memory_first_mb: float | None  # largest while the second tenth was made
    memory_last_mb: float | None  # the same of the last tenth
    bytes_a_row: float | None  # slope of the memory over the last 80 % of the rows


NOTHING = Growth(None, None, None, None, None)


def growth_of(samples: Sequence[Sample]) -> Growth:
    """Compare the tenths of a stage by its samples."""
    done = np.array([sample.done for sample in samples], np.float64)
    moving = np.flatnonzero(np.diff(done, prepend=0) > 0)  # before the first row and behind the last nothing moves
    if len(moving) < TENTHS:
        return NOTHING
    cpu_s, wall_s, memory = (
        np.array([getattr(sample, name) for sample in samples])[moving] for name in ("cpu_s", "wall_s", "memory_mb")
    )
    rows = done[moving]
    first, total = rows[0], rows[-1]
    edges = first + (total - first) * np.array([0.0, 1 / TENTHS, 1 - _CLOSING - 1 / TENTHS, 1 - _CLOSING])
    late = rows >= first + _WARM_UP * (total - first)
    second = (rows > edges[1]) & (rows <= first + 2 * (edges[1] - first))
    return Growth(
        cpu_share=_share(rows, cpu_s, edges),
        wall_share=_share(rows, wall_s, edges),
        memory_first_mb=_largest(memory[second]),
        memory_last_mb=_largest(memory[(rows > edges[2]) & (rows <= edges[3])]),
        bytes_a_row=float(np.polyfit(rows[late], memory[late], 1)[0]) * _BYTES_OF_A_MEGABYTE,
    )


def _share(rows: "np.ndarray[tuple[int], np.dtype[np.float64]]", spent: "np.ndarray[tuple[int], np.dtype[np.float64]]",
           edges: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float | None:  # fmt: skip
    """Return the rate of the last tenth over that of the first, None where the clock is too coarse."""
    at = np.interp(edges, rows, spent)
    first, last = at[1] - at[0], at[3] - at[2]
    return float(first / last) if first > 0 and last > 0 else None


def _largest(values: "np.ndarray[tuple[int], np.dtype[np.float64]]") -> float | None:
    return float(values.max()) if len(values) else None
