"""Which boxes of successive frames are one face: those that overlap most, as long as they overlap enough.

The greedy matching of Bochinski, Eiselein, Sikora: High-Speed Tracking-by-Detection Without Using Image Information,
AVSS 2017 (the IOU tracker), with a patience for looks in which the detector misses a face.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEAST_OVERLAP = 0.3
"""Intersection over union from which two boxes may be one face: at five looks a second a walking person keeps 0.5."""

PATIENCE_S = 1.0
"""How long a face may be unseen and still be the same: a blink of the detector, a hand before the face."""

Box = tuple[float, float, float, float]
"""Left, top, width, height."""


@dataclass(frozen=True)
class Seen:
    """Where a track was last seen, and when (seconds)."""

    track: int
    box: Box
    time_s: float


@dataclass(frozen=True)
class Followed:
    """The tracks after one more look."""

    alive: tuple[Seen, ...]
    tracks: tuple[int, ...]
    """The track of each box of the look, in their order."""
    ended: tuple[int, ...]
    """Tracks that were not seen for too long."""
    next_track: int


def follow(alive: Sequence[Seen], boxes: Sequence[Box], time_s: float, *, next_track: int) -> Followed:
    """Give each box of a look the track it overlaps most with, or a new one; boxes and tracks match one to one."""
    recent = [seen for seen in alive if time_s - seen.time_s <= PATIENCE_S]
    ended = tuple(seen.track for seen in alive if time_s - seen.time_s > PATIENCE_S)
    overlaps = overlap([seen.box for seen in recent], boxes)
    tracks: list[int | None] = [None] * len(boxes)
    for _ in range(min(overlaps.shape)):
        old, new = np.unravel_index(int(overlaps.argmax()), overlaps.shape)
        if overlaps[old, new] < LEAST_OVERLAP:
            break
        tracks[int(new)] = recent[int(old)].track
        overlaps[old, :] = overlaps[:, new] = -1.0
    for place, track in enumerate(tracks):
        if track is None:
            tracks[place], next_track = next_track, next_track + 1
    given = tuple(track for track in tracks if track is not None)
    unseen = [seen for seen in recent if seen.track not in given]
    now = [Seen(track, box, time_s) for track, box in zip(given, boxes, strict=True)]
    return Followed((*unseen, *now), given, ended, next_track)


def overlap(old: Sequence[Box], new: Sequence[Box]) -> NDArray[np.float64]:
    """Return the intersection over union of each old with each new box, (len(old), len(new))."""
    if not old or not new:
        return np.zeros((len(old), len(new)))
    a, b = np.array(old, float)[:, None], np.array(new, float)[None]
    corner = np.minimum(a[..., :2] + a[..., 2:], b[..., :2] + b[..., 2:])
    inner = np.clip(corner - np.maximum(a[..., :2], b[..., :2]), 0, None).prod(-1)
    whole = a[..., 2:].prod(-1) + b[..., 2:].prod(-1) - inner
    shares: NDArray[np.float64] = np.divide(inner, whole, out=np.zeros_like(inner), where=whole > 0)
    return shares
