"""A pair set takes the place of the older one as a whole, on the fast way in as on the slow one."""

from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, inspect, text

from db import pair_writing
from db.models import Face, Photo, Subject
from db.pair_writing import replace_pair_set
from db.pairs import PairRows, StrangerRows, find_pair_set, load_pairs, load_strangers
from tests.db.rows import face_row, insert, photo_row, subject_row

FACES = 40


@pytest.fixture
def faces(catalog: Engine) -> Engine:
    """A catalog with forty faces of two subjects, ids 1 to 40."""
    with catalog.begin() as connection:
        insert(connection, Subject, [{"id": 1, **subject_row("One")}, {"id": 2, **subject_row("Two")}])
        insert(connection, Photo, {"id": 1, **photo_row("1")})
        insert(connection, Face, [face_row(1, id=n + 1, subject_id=n % 2 + 1) for n in range(FACES)])
    return catalog


def drawn(count: int, *, seed: int) -> PairRows:
    rng = np.random.default_rng(seed)
    ends = rng.permutation([(a, b) for a in range(1, FACES) for b in range(a + 1, FACES + 1)])[:count]
    gap = rng.integers(0, 50, count)
    slack = rng.integers(0, 2, (2, count)) * rng.integers(0, 5, (2, count))
    columns = (ends[:, 0], ends[:, 1], rng.integers(1, 3, count), gap, rng.random(count))
    return PairRows(*columns, gap_min=gap - slack[0], gap_max=gap + slack[1])


def write(engine: Engine, name: str, pairs: PairRows | None, **columns: Any) -> None:
    with engine.begin() as connection:
        replace_pair_set(connection, pairs, name=name, recipe={}, seed=0, code_version="1", sha256="0", **columns)


def stored(engine: Engine, name: str) -> PairRows:
    with engine.connect() as connection:
        row = find_pair_set(connection, name)
        assert row is not None
        return load_pairs(connection, row.id)


def assert_same(one: PairRows, other: PairRows) -> None:
    order = np.lexsort((other.older, other.younger))
    for name in PairRows.__dataclass_fields__:
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name)[order], err_msg=name)


@pytest.mark.parametrize("least", [1, 10**9], ids=["indexes made anew", "indexes kept"])
def test_what_is_written_is_read_again_with_its_bounds(
    faces: Engine, monkeypatch: pytest.MonkeyPatch, least: int
) -> None:
    monkeypatch.setattr(pair_writing, "_WORTH_NEW_INDEXES", least)
    before = sorted(str(index["name"]) for index in inspect(faces).get_indexes("pair"))
    first, second, third = drawn(500, seed=1), drawn(230, seed=2), drawn(400, seed=3)
    write(faces, "a", first)
    write(faces, "b", second)
    assert_same(stored(faces, "a"), first)
    write(faces, "a", third)
    assert_same(stored(faces, "a"), third)
    assert_same(stored(faces, "b"), second)
    assert sorted(str(index["name"]) for index in inspect(faces).get_indexes("pair")) == before
    with faces.connect() as connection:
        nulls = connection.execute(text("select count(*) from pair where gap_min is null")).scalar_one()
    sure = [(rows.gap_min == rows.gap_years) & (rows.gap_max == rows.gap_years) for rows in (second, third)]
    assert nulls == sum(int(mask.sum()) for mask in sure)


def test_a_write_that_fails_leaves_set_and_indexes(faces: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pair_writing, "_WORTH_NEW_INDEXES", 1)
    before = inspect(faces).get_indexes("pair")
    first, broken = drawn(300, seed=1), drawn(300, seed=2)
    write(faces, "a", first)
    broken.older[-1] = 10**6
    with pytest.raises(Exception, match=r"(?i)foreign key"):
        write(faces, "a", broken)
    assert_same(stored(faces, "a"), first)
    assert inspect(faces).get_indexes("pair") == before


def test_strangers_lie_beside_the_pairs(faces: Engine) -> None:
    others = StrangerRows(np.array([3, 1]), np.array([4, 2]), np.array([0, 7]))
    write(faces, "a", drawn(5, seed=1), strangers=others)
    with faces.connect() as connection:
        row = find_pair_set(connection, "a")
        assert row is not None
        read = load_strangers(connection, row.id)
    assert [column.tolist() for column in (read.younger, read.older, read.gap_years)] == [[1, 3], [2, 4], [7, 0]]
    write(faces, "a", drawn(5, seed=1))
    with faces.connect() as connection:
        assert len(load_strangers(connection, row.id)) == 0


def test_a_virtual_set_has_a_count_and_no_rows(faces: Engine) -> None:
    write(faces, "a", drawn(50, seed=1))
    write(faces, "a", None, storage="virtual", pair_count=123, counts={"by_gap_years": {"1": 123}})
    with faces.connect() as connection:
        row = find_pair_set(connection, "a")
        assert row is not None
        assert (row.pair_count, row.found, row.storage, row.counts) == (
            123,
            123,
            "virtual",
            {"by_gap_years": {"1": 123}},
        )
        assert len(load_pairs(connection, row.id)) == 0
