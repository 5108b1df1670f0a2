"""Whatever the faces, numpy takes the pairs that a window query takes: the rule at its plainest."""

import sqlite3

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from curation.pairing.choose import choose
from curation.pairing.order import PRIME, halves, joined, multipliers
from curation.pairing.settings import PairSettings
from db.dated_faces import NO_DAY, DatedFaces, Subjects

RULE = """
select a, b from (
  select a.id a, b.id b,
         row_number() over (partition by a.subject, b.year - a.year
             order by ((a.k * :ma + b.k * :mb) % 2147483647), a.year, a.place, b.place) rn
  from face a join face b
    on b.subject = a.subject and b.year between a.year + :k_min and a.year + :k_max
   and b.event <> a.event and (b.year > a.year or b.place > a.place)
) t where rn <= :cap
"""

FACE = st.tuples(st.integers(0, 3), st.integers(1990, 2005), st.integers(0, 2**31 - 1), st.integers(0, 6))


def faces_of(drawn: list[tuple[int, int, int, int]], identity: list[int]) -> DatedFaces:
    subject, year, key, event = (np.array(column) for column in zip(*drawn, strict=True))
    count = len(drawn)
    return DatedFaces(
        face_id=np.arange(1, count + 1),
        subject=subject.astype(np.int32),
        identity=np.array(identity, np.int64),
        year=year.astype(np.int16),
        year_min=year.astype(np.int16),
        year_max=year.astype(np.int16),
        confidence=np.ones(count),
        day=np.full(count, NO_DAY, np.int32),
        event=event.astype(np.int64),
        order_key=key.astype(np.int32),
        perceptual_hash=np.zeros(count, np.uint64),
        has_perceptual_hash=np.zeros(count, np.bool_),
        picture=np.zeros(count, np.uint64),
        quality=np.zeros(count, np.float32),
        subjects=Subjects(np.arange(4), ("a", "b", "c", "d")),
    )


@settings(deadline=None)
@given(
    st.lists(FACE, min_size=1, max_size=40),
    st.randoms(use_true_random=False),
    st.integers(0, 2),
    st.integers(0, 15),
    st.integers(1, 5),
    st.integers(0, 2**40),
)
def test_numpy_takes_what_the_window_query_takes(
    drawn: list[tuple[int, int, int, int]], shuffle: object, k_min: int, more: int, cap: int, seed: int
) -> None:
    # Few keys: many ties, which the places of the photos must break.
    drawn = [(subject, year, key % 3 if key % 2 else key, event) for subject, year, key, event in drawn]
    identity = list(range(100, 100 + len(drawn)))
    shuffle.shuffle(identity)  # type: ignore[attr-defined]
    recipe = PairSettings(k_min=k_min, k_max=k_min + more, per_subject_k=cap, seed=seed)
    chosen = choose(faces_of(drawn, identity), recipe)
    ours = sorted(zip((chosen.younger + 1).tolist(), (chosen.older + 1).tolist(), strict=True))

    database = sqlite3.connect(":memory:")
    database.execute("create table face (id, subject, year, k, event, place)")
    rows = [(row + 1, *face, place) for row, (face, place) in enumerate(zip(drawn, identity, strict=True))]
    database.executemany("insert into face values (?, ?, ?, ?, ?, ?)", rows)
    ma, mb = multipliers(seed)
    values = {"ma": ma, "mb": mb, "k_min": k_min, "k_max": k_min + more, "cap": cap}
    assert ours == sorted(database.execute(RULE, values).fetchall())


@given(st.integers(0, 2**31 - 1), st.integers(0, 2**31 - 1), st.integers(0, 2**63))
def test_halves_joined_are_the_remainder_of_the_sum(one: int, other: int, seed: int) -> None:
    ma, mb = multipliers(seed)
    first, second = halves(np.array([one, other], np.int32), seed)
    assert joined(first[:1], second[1:]).tolist() == [(one * ma + other * mb) % PRIME]
