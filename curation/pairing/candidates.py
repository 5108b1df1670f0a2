"""Every two faces of one subject with a K that is asked for, a few subjects at a time.

Chunks are small (65,000 candidates) so that their columns stay in the processor's cache; there is no Python loop a
face or a pair. All sorting is of packed integers, which numpy does about twenty times as fast as a stable argsort.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.pairing.order import halves
from curation.pairing.settings import PairSettings
from db.dated_faces import NO_DAY, NO_PICTURE, DatedFaces

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

CHUNK_PAIRS = 1 << 16
"""Candidates held at once, unless one subject has more."""

_CHUNK_SUBJECTS = 1 << 11


@dataclass(frozen=True, eq=False)
class Chunk:
    """The faces of some subjects, sorted by (subject, year, identity), and the candidates among them."""

    rows: Ints  # of DatedFaces, by (subject, identity, face): the order that fingerprints use
    place: Ints  # of each face in `rows`
    subject: Ints  # from 0 within the chunk
    year: Ints
    younger: Ints  # faces of the chunk
    older: Ints
    group: Ints  # of each candidate: subject and K as one number
    group_count: int
    key_younger: Ints
    key_older: Ints
    refused: Mask  # candidates that are no pairs
    same_photo: int
    same_event: int
    near_duplicates: int


def chunks(faces: DatedFaces, settings: PairSettings) -> Iterator[Chunk]:
    """Yield the candidates of all subjects, whole subjects at a time, in the order of `faces.subjects`."""
    if not len(faces):
        return
    order = _by_subject(faces.subject)
    subject = faces.subject[order]
    starts = np.flatnonzero(np.concatenate([[True], subject[1:] != subject[:-1], [True]]))
    count = np.diff(starts)
    before = np.concatenate([[0], np.cumsum(count * (count - 1) // 2)])
    first = 0
    while first < len(count):
        last = int(np.searchsorted(before, before[first] + CHUNK_PAIRS, "right")) - 1
        last = min(max(last, first + 1), first + _CHUNK_SUBJECTS)
        yield _chunk(faces, order[starts[first] : starts[last]], settings)
        first = last


def _by_subject(subject: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the rows ordered by subject, those of one subject in their order."""
    count = len(subject)
    if (subject[1:] >= subject[:-1]).all():
        return np.arange(count, dtype=np.int32)
    packed = subject.astype(np.int64)
    packed <<= 32
    packed |= np.arange(count)
    packed.sort()
    return (packed & 0xFFFF_FFFF).astype(np.int32)


def _chunk(faces: DatedFaces, rows: NDArray[np.int32], settings: PairSettings) -> Chunk:
    rows, subject = _by_identity(faces, rows)
    year = faces.year[rows].astype(np.int64)
    runs, k_max = settings.runs, settings.runs[-1][1]
    # One integer a (subject, year), far enough apart that a K never reaches the next subject.
    first_year = int(year.min())
    span = int(year.max()) - first_year + k_max + 1
    line = subject * span + (year - first_year)
    bits = len(rows).bit_length()
    packed = np.sort((line << bits) | np.arange(len(rows)))
    place, line = packed & ((1 << bits) - 1), packed >> bits
    younger, older, gap = _enumerate(line, runs)
    sorted_rows = rows[place]
    subject, year = subject[place], year[place]
    k_count = k_max - runs[0][0] + 1
    key_younger, key_older = halves(faces.order_key[sorted_rows], settings.seed)
    refused, counts = _refuse(faces, sorted_rows, younger, older, gap, settings)
    return Chunk(
        rows=rows.astype(np.int64),
        place=place,
        subject=subject,
        year=year,
        younger=younger,
        older=older,
        group=subject[younger] * k_count + (gap - runs[0][0]),
        group_count=int(subject[-1] + 1) * k_count,
        key_younger=key_younger,
        key_older=key_older,
        refused=refused,
        same_photo=counts[0],
        same_event=counts[1],
        near_duplicates=counts[2],
    )


def _by_identity(faces: DatedFaces, rows: NDArray[np.int32]) -> tuple[NDArray[np.int32], Ints]:
    """Return the rows, which come by subject, by (subject, identity, face id), and their subjects from 0."""
    subject = faces.subject[rows]
    subject = np.cumsum(np.concatenate([[False], subject[1:] != subject[:-1]]))
    identity = faces.identity[rows]
    by_identity = np.argsort(identity)
    ordered = identity[by_identity]
    if (ordered[1:] == ordered[:-1]).any():  # several faces of a photo
        by_identity = np.lexsort((faces.face_id[rows], identity))
    bits = len(rows).bit_length()
    packed = np.sort((subject[by_identity] << bits) | np.arange(len(rows)))
    return rows[by_identity[packed & ((1 << bits) - 1)]], packed >> bits


def _enumerate(line: Ints, runs: list[tuple[int, int]]) -> tuple[Ints, Ints, Ints]:
    """Return younger, older and K of all candidates; each run is ordered by (younger, older)."""
    parts = []
    for first, last in runs:
        low = np.searchsorted(line, line + first, "left")
        if first == 0:
            low = np.maximum(low, np.arange(1, len(line) + 1))
        count = np.maximum(np.searchsorted(line, line + last, "right") - low, 0)
        younger = np.repeat(np.arange(len(line)), count)
        older = np.arange(len(younger)) + np.repeat(low - (np.cumsum(count) - count), count)
        parts.append((younger, older))
    younger, older = parts[0] if len(parts) == 1 else (np.concatenate(ends) for ends in zip(*parts, strict=True))
    return younger, older, line[older] - line[younger]


def _refuse(
    faces: DatedFaces, rows: NDArray[np.int32], younger: Ints, older: Ints, gap: Ints, settings: PairSettings
) -> tuple[Mask, tuple[int, int, int]]:
    """Return which candidates are no pairs, and how many are of one photo, of one event, nearly the same picture."""
    identity = faces.identity[rows]
    same_photo: Mask = identity[younger] == identity[older]
    refused = same_photo.copy()
    if settings.not_same_event:
        event = faces.event[rows]
        if (event != identity).any():
            refused |= event[younger] == event[older]
        day = faces.day[rows].astype(np.int64)
        if gap.size and settings.runs[0][0] <= 1 + settings.event_days // 365 and (day != NO_DAY).any():
            apart = np.abs(day[older] - day[younger])
            refused |= (apart <= settings.event_days) & (day[older] != NO_DAY) & (day[younger] != NO_DAY)
    in_event = refused.copy()
    picture = faces.picture[rows]
    refused |= (picture[younger] == picture[older]) & (picture[younger] != NO_PICTURE)
    if settings.near_duplicate_bits >= 0:
        bits, hashed = faces.perceptual_hash[rows], faces.has_perceptual_hash[rows]
        near = np.bitwise_count(bits[younger] ^ bits[older]) <= settings.near_duplicate_bits
        if near.any():
            refused |= near & hashed[younger] & hashed[older]
    photos, events = int(same_photo.sum()), int(in_event.sum())
    return refused, (photos, events - photos, int(refused.sum()) - events)
