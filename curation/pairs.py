"""Which two faces of one person make a pair: SQL states the rule (docs/pairs-and-export.md), numpy computes it.

The order in which pairs are taken comes from the pixels of the crops and the seed alone, so the same photos give the
same pairs on SQLite and on Postgres, in whatever order they were crawled. There is no Python loop a pair.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated

import numpy as np
from annotated_types import Ge, Interval
from numpy.typing import NDArray

from agegap.errors import SettingsError
from curation.caps import Cap, rank_in_group, take_greedily
from db.pairs import DatedFaces, Ints, PairRows

PRIME = 2_147_483_647
"""2^31 - 1: keys stay below it, so that products with the multipliers fit 63 bits in every engine."""

CHUNK_PAIRS = 2_000_000
"""Candidates held at once: about 200 MB of columns. A subject is never divided."""


@dataclass(frozen=True)
class PairSettings:
    """[curate.pairs] of agegap.toml."""

    k_min: Annotated[int, Ge(0)] = 1  # K = 0 is mostly one event: 35 % of MORPH's pairs
    k_max: Annotated[int, Interval(ge=0, le=150)] = 60  # beyond it a wrong year is likelier than a pair
    per_subject_k: Annotated[int, Ge(1)] = 4  # of one subject with one K: all pairs of CACD are 6.6 M at ten Ks
    per_subject: Annotated[int, Ge(1)] | None = None  # most pairs of one subject, spread over its Ks
    max_per_face: Annotated[int, Ge(1)] | None = None  # most pairs one face is in
    # Of each taken year; below a half it is likelier wrong than right.
    min_confidence: Annotated[float, Interval(ge=0, le=1)] = 0.5
    # Perceptual hashes that differ in so few bits are one picture; -1 leaves only the same crops out.
    near_duplicate_bits: Annotated[int, Interval(ge=-1, le=64)] = 3
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise SettingsError when no K is left."""
        if self.k_max < self.k_min:
            raise SettingsError([f"[curate.pairs]: 'k_max' {self.k_max} is below 'k_min' {self.k_min}"])


@dataclass(frozen=True, eq=False)
class BuiltPairs:
    """The pairs taken, their fingerprint, and what became of the others."""

    rows: PairRows
    sha256: str
    candidates: int  # of one subject and K in range, near duplicates and one photo's faces left out
    near_duplicates: int
    same_photo: int


@dataclass(frozen=True, eq=False)
class _Chosen:
    younger: Ints  # row numbers of the sorted faces
    older: Ints
    candidates: int
    near_duplicates: int
    same_photo: int


def build_pairs(faces: DatedFaces, settings: PairSettings) -> BuiltPairs:
    """Choose the pairs of `faces`; rows come ordered by (younger, older) face id."""
    rank = _identity_ranks(faces)
    order = np.lexsort((rank, faces.year, faces.subject_id))
    chosen = list(_choose(_take(faces, order), settings))
    empty = np.zeros(0, np.int64)
    younger = order[np.concatenate([empty, *(part.younger for part in chosen)])]
    older = order[np.concatenate([empty, *(part.older for part in chosen)])]
    by_id = np.lexsort((faces.face_id[older], faces.face_id[younger]))
    younger, older = younger[by_id], older[by_id]
    rows = PairRows(
        younger=faces.face_id[younger],
        older=faces.face_id[older],
        subject_id=faces.subject_id[younger],
        gap_years=faces.year[older] - faces.year[younger],
        confidence=faces.confidence[younger] * faces.confidence[older],
    )
    return BuiltPairs(
        rows=rows,
        sha256=_fingerprint(faces, rank, younger, older),
        candidates=sum(part.candidates for part in chosen),
        near_duplicates=sum(part.near_duplicates for part in chosen),
        same_photo=sum(part.same_photo for part in chosen),
    )


def multipliers(seed: int) -> tuple[int, int]:
    """Return the two factors of the order key, each in [1, 2^30), from the sha256 of the seed.

    An added seed would only turn the order round: seeds 1 and 2 then choose the very same pairs.
    """
    digest = hashlib.sha256(str(seed).encode()).digest()
    ma, mb = (int.from_bytes(digest[start : start + 8], "big") % (2**30 - 1) + 1 for start in (0, 8))
    return ma, mb


def _choose(faces: DatedFaces, settings: PairSettings) -> Iterator[_Chosen]:
    """Yield the choice of one chunk of subjects after another; `faces` are sorted by subject, year, identity."""
    if not len(faces):
        return
    _, subject = np.unique(faces.subject_id, return_inverse=True)
    first_year = int(faces.year.min())
    # One integer a (subject, year), far enough apart that a range of K never reaches the next subject.
    span = int(faces.year.max()) - first_year + settings.k_max + 1
    place = subject * span + (faces.year - first_year)
    low = np.searchsorted(place, place + settings.k_min, "left")
    if settings.k_min == 0:
        low = np.maximum(low, np.arange(len(faces)) + 1)
    high = np.searchsorted(place, place + settings.k_max, "right")
    partners = np.maximum(high - low, 0)
    for start, end in _chunks(subject, partners):
        count = partners[start:end]
        younger = np.repeat(np.arange(start, end), count)
        older = np.arange(len(younger)) + np.repeat(low[start:end] - (np.cumsum(count) - count), count)
        yield _choose_chunk(faces, subject, younger, older, settings)


def _chunks(subject: Ints, partners: Ints) -> Iterator[tuple[int, int]]:
    """Yield (start, end) of runs of faces, whole subjects, of about CHUNK_PAIRS candidates."""
    before = np.concatenate([[0], np.cumsum(partners)])
    starts = np.flatnonzero(np.concatenate([[True], subject[1:] != subject[:-1], [True]]))
    start = 0
    while start < len(starts) - 1:
        limit = before[starts[start]] + CHUNK_PAIRS
        end = max(int(np.searchsorted(before[starts], limit, "right")) - 1, start + 1)
        yield int(starts[start]), int(starts[end])
        start = end


def _choose_chunk(faces: DatedFaces, subject: Ints, younger: Ints, older: Ints, settings: PairSettings) -> _Chosen:
    is_same_photo = faces.photo_id[younger] == faces.photo_id[older]
    is_duplicate = ~is_same_photo & _near_duplicate(faces, younger, older, settings.near_duplicate_bits)
    usable = ~(is_same_photo | is_duplicate)
    younger, older = younger[usable], older[usable]
    gap = faces.year[older] - faces.year[younger]
    group = (subject[younger] - (subject[younger[0]] if len(younger) else 0)) * (settings.k_max + 1) + gap
    ma, mb = multipliers(settings.seed)
    key = (faces.order_key[younger] * ma + faces.order_key[older] * mb) % PRIME
    # Candidates are enumerated in the order of their faces, so a stable sort breaks ties by identity.
    order = np.argsort(group * (PRIME + 1) + key, kind="stable")
    younger, older, group, key = younger[order], older[order], group[order], key[order]
    taken = _capped(group, key, younger, older, settings)
    return _Chosen(
        younger=younger[taken],
        older=older[taken],
        candidates=len(group),
        near_duplicates=int(is_duplicate.sum()),
        same_photo=int(is_same_photo.sum()),
    )


def _capped(group: Ints, key: Ints, younger: Ints, older: Ints, settings: PairSettings) -> Ints:
    """Return which candidates the caps leave; they come sorted by (subject, K), then by key."""
    rank = rank_in_group(group)
    within_k = np.flatnonzero(rank < settings.per_subject_k)
    subject = group // (settings.k_max + 1)
    per_subject = [] if settings.per_subject is None else [Cap(subject[:, None], settings.per_subject)]
    if settings.max_per_face is None:
        if not per_subject:
            return within_k
        waiting, caps = within_k, per_subject
    else:  # a face's cap can refuse a pair; its place in its (subject, K) then goes to the next
        ends = np.stack([younger, older], axis=1)
        first = int(ends[:, 0].min()) if len(ends) else 0
        k_of_subject = np.cumsum(np.diff(group, prepend=group[:1]) != 0)
        waiting = np.arange(len(group))
        caps = [
            Cap(ends - first, settings.max_per_face),
            Cap(k_of_subject[:, None], settings.per_subject_k),
            *per_subject,
        ]
    # First the first pair of every K, then the second of every K: a subject's cap keeps its range of K.
    by_turn = waiting[np.lexsort((older[waiting], younger[waiting], key[waiting], rank[waiting]))]
    return by_turn[take_greedily([Cap(cap.codes[by_turn], cap.most) for cap in caps])]


def _near_duplicate(faces: DatedFaces, one: Ints, other: Ints, bits: int) -> NDArray[np.bool_]:
    crops = faces.crop_key
    same_crop = (crops[one] == crops[other]) & (crops[one] != 0)
    distance = np.bitwise_count(faces.perceptual_hash[one] ^ faces.perceptual_hash[other]).astype(np.int64)
    hashed = faces.has_perceptual_hash[one] & faces.has_perceptual_hash[other]
    near: NDArray[np.bool_] = same_crop | (hashed & (distance <= bits))
    return near


def _identity_ranks(faces: DatedFaces) -> Ints:
    """Return each face's place in the order of (site, site id): the same in every catalog of the same photos."""
    keys = sorted(zip(faces.site, faces.site_id, faces.face_id.tolist(), range(len(faces)), strict=True))
    rank = np.zeros(len(faces), np.int64)
    rank[[key[3] for key in keys]] = np.arange(len(faces))
    return rank


def _fingerprint(faces: DatedFaces, rank: Ints, younger: Ints, older: Ints) -> str:
    """Return the sha256 of the pairs by identity: the photos used, one a line, then (younger, older, K) of lines."""
    used, line = np.unique(np.concatenate([rank[younger], rank[older]]), return_inverse=True)
    of_rank = np.argsort(rank)
    digest = hashlib.sha256()
    for row in of_rank[used].tolist():
        digest.update(f"{faces.site[row]}\t{faces.site_id[row]}\n".encode())
    gap = faces.year[older] - faces.year[younger]
    triples = np.stack([line[: len(younger)], line[len(younger) :], gap], axis=1)
    triples = triples[np.lexsort(triples.T[::-1])]
    digest.update(np.ascontiguousarray(triples, "<i8").tobytes())
    return digest.hexdigest()


def _take(faces: DatedFaces, order: Ints) -> DatedFaces:
    return DatedFaces(
        face_id=faces.face_id[order],
        subject_id=faces.subject_id[order],
        photo_id=faces.photo_id[order],
        year=faces.year[order],
        confidence=faces.confidence[order],
        order_key=faces.order_key[order],
        perceptual_hash=faces.perceptual_hash[order],
        has_perceptual_hash=faces.has_perceptual_hash[order],
        crop_key=faces.crop_key[order],
        site=faces.site,  # not sorted: only the fingerprint, which reads the unsorted faces, needs them
        site_id=faces.site_id,
    )
