"""Which candidates are taken: caps by subject and K, by subject and by face within a chunk, by K over all.

docs/pairs-and-export.md states the rule in SQL; numpy computes it, and a test holds the two together.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.pairing.candidates import Chunk, chunks
from curation.pairing.caps import Cap, rank_in_group, take_greedily
from curation.pairing.order import KEY_BITS, joined
from curation.pairing.settings import PairSettings
from db.dated_faces import DatedFaces

Ints = NDArray[np.int64]
Rows = NDArray[np.int32]

_WORD_BITS = 63
_FIRST_ROOM = 1 << 16


@dataclass(frozen=True, eq=False)
class Chosen:
    """The pairs taken, as rows of DatedFaces, and what became of the others.

    Ordered by (subject, younger, older), faces by their photos' identities: the same order in every catalog.
    """

    younger: Rows
    older: Rows
    candidates: int  # of one subject and a K that is asked for, the three below left out
    same_photo: int
    same_event: int
    near_duplicates: int

    def __len__(self) -> int:
        return len(self.younger)


@dataclass(frozen=True, eq=False)
class _Part:
    chunk: Chunk
    candidates: int
    younger: Ints
    older: Ints
    turn: Ints | None  # place within subject and K, and the key: where a cap over all subjects needs them
    key: Ints | None


def choose(faces: DatedFaces, settings: PairSettings) -> Chosen:
    """Choose the pairs of `faces`; memory holds the faces, one chunk and eight bytes a pair."""
    younger, older, turn, key = (_Growing() for _ in range(4))
    candidates = same_photo = same_event = near_duplicates = 0
    for part in _parts(faces, settings):
        younger.add(part.younger)
        older.add(part.older)
        turn.add(part.turn)
        key.add(part.key)
        candidates += part.candidates
        same_photo += part.chunk.same_photo
        same_event += part.chunk.same_event
        near_duplicates += part.chunk.near_duplicates
    ends = younger.done(), older.done()
    if settings.per_k is not None:
        taken = _within_k(faces, *ends, turn.done(), key.done(), most=settings.per_k)
        ends = ends[0][taken], ends[1][taken]
    return Chosen(*ends, candidates, same_photo, same_event, near_duplicates)


def _parts(faces: DatedFaces, settings: PairSettings) -> Iterator[_Part]:
    for chunk in chunks(faces, settings):
        candidates = len(chunk.group) - int(np.count_nonzero(chunk.refused))
        taken, turn, key = _taken(chunk, candidates, settings)
        # The order of a fingerprint: by what the photos are, not by the row numbers of one catalog.
        bits = len(chunk.rows).bit_length()
        packed = (chunk.place[chunk.younger[taken]] << bits) | chunk.place[chunk.older[taken]]
        if turn is None or key is None:
            packed.sort()
        else:
            order = np.argsort(packed)
            packed, turn, key = packed[order], turn[order], key[order]
        yield _Part(
            chunk=chunk,
            candidates=candidates,
            younger=chunk.rows[packed >> bits],
            older=chunk.rows[packed & ((1 << bits) - 1)],
            turn=turn,
            key=key,
        )


def _taken(chunk: Chunk, candidates: int, settings: PairSettings) -> tuple[Ints, Ints | None, Ints | None]:
    """Return the candidates taken; with `per_k` also the turn within subject and K and the key of each."""
    has_others = settings.per_subject is not None or settings.max_per_face is not None
    if settings.per_subject_k >= candidates and not has_others and settings.per_k is None:
        return np.flatnonzero(~chunk.refused), None, None
    key = joined(chunk.key_younger[chunk.younger], chunk.key_older[chunk.older])
    order = _by_key(chunk, key)[:candidates]
    group = chunk.group[order]
    if not has_others:
        taken = np.ones(candidates, np.bool_)
        taken[settings.per_subject_k :] = group[settings.per_subject_k :] != group[: -settings.per_subject_k]
        places = np.flatnonzero(taken)
    else:
        places = _capped(chunk, order, group, key[order], settings)
    if settings.per_k is None:
        return order[places], None, None
    places.sort()  # by (subject, K), then key: the turn of what the other caps left
    return order[places], rank_in_group(group[places]), key[order[places]]


def _by_key(chunk: Chunk, key: Ints) -> Ints:
    """Return the candidates by (subject and K, key, younger, older), those refused last."""
    index_bits, group_bits = len(key).bit_length(), chunk.group_count.bit_length()
    bits = index_bits + KEY_BITS + group_bits
    if bits >= _WORD_BITS:  # one subject of many thousand faces
        order: Ints = np.lexsort((key, chunk.group, chunk.refused))
        return order
    packed = (((chunk.group << KEY_BITS) | key) << index_bits) | np.arange(len(key))
    packed |= chunk.refused.astype(np.int64) << bits
    packed.sort()
    ordered: Ints = packed & ((1 << index_bits) - 1)
    return ordered


def _capped(chunk: Chunk, order: Ints, group: Ints, key: Ints, settings: PairSettings) -> Ints:
    """Return which places of `order` the caps of subjects and faces leave."""
    rank = rank_in_group(group)
    within_k = np.flatnonzero(rank < settings.per_subject_k)
    younger, older = chunk.younger[order], chunk.older[order]
    per_subject = [] if settings.per_subject is None else [Cap(chunk.subject[younger][:, None], settings.per_subject)]
    if settings.max_per_face is None:
        waiting, caps = within_k, per_subject
    else:  # a face's cap can refuse a pair; its place in its (subject, K) then goes to the next
        k_of_subject = np.cumsum(np.diff(group, prepend=group[:1]) != 0)
        waiting = np.arange(len(group))
        caps = [
            Cap(np.stack([younger, older], axis=1), settings.max_per_face),
            Cap(k_of_subject[:, None], settings.per_subject_k),
            *per_subject,
        ]
    # First the first pair of every K, then the second of every K: a subject's cap keeps its range of K.
    by_turn = waiting[np.lexsort((older[waiting], younger[waiting], key[waiting], rank[waiting]))]
    return by_turn[take_greedily([Cap(cap.codes[by_turn], cap.most) for cap in caps])]


def _within_k(
    faces: DatedFaces, younger: Rows, older: Rows, turn: NDArray[np.int32], key: NDArray[np.int32], *, most: int
) -> Ints:
    """Return the first `most` pairs of each K: the first one of every subject, by key, then the second ones."""
    gap = faces.year[older] - faces.year[younger]
    taken = []
    for k in np.unique(gap):
        of_k = np.flatnonzero(gap == k)
        ends = (faces.identity[older[of_k]], faces.identity[younger[of_k]])
        taken.append(of_k[np.lexsort((*ends, key[of_k], turn[of_k]))[:most]])
    return np.sort(np.concatenate([np.zeros(0, np.int64), *taken]))


class _Growing:
    """An int32 column whose length is not known: it grows in place, where joining parts would hold them twice."""

    def __init__(self) -> None:
        self._values = np.empty(0, np.int32)
        self._count = 0

    def add(self, values: Ints | None) -> None:
        if values is None:
            return
        end = self._count + len(values)
        if end > len(self._values):
            self._values.resize(max(end, _FIRST_ROOM, end + end // 4), refcheck=False)
        self._values[self._count : end] = values
        self._count = end

    def done(self) -> Rows:
        self._values.resize(self._count, refcheck=False)
        return self._values
