"""Pair sets after a takedown: wherever the pairs lie, none is of a face that is gone, and the fingerprint is true."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from sqlalchemy import Engine, select

from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from db.models import Face, NegativePair, Pair, PairSet, Photo
from db.pairs import find_pair_set
from db.removal import Removal
from tests.curation.filled import filling
from tests.curation.taken_down import NAMES, PAIRS_OF_ONE, PHOTOS, photo_id_of, run

LONE = "990011"


def build(engine: Engine, data: Path, name: str, **settings: Any) -> None:
    build_pair_set(engine, name=name, settings=PairSettings(**settings), data=data)


def found(engine: Engine, name: str) -> Any:
    with engine.connect() as connection:
        return find_pair_set(connection, name)


def face_ids(engine: Engine) -> set[int]:
    with engine.connect() as connection:
        return set(connection.scalars(select(Face.id)))


def ids_in(path: Path) -> set[int]:
    table = pq.read_table(path)
    return {face_id for name in ("first_face_id", "second_face_id") for face_id in table.column(name).to_pylist()}


@pytest.mark.parametrize("direction", ["young-old", "both"])
def test_a_pair_file_loses_the_pairs_of_removed_faces_and_says_so_as_a_table_does(
    world: Engine, data: Path, direction: str
) -> None:
    build(world, data, "rows", negatives=1)
    build(world, data, "file", negatives=1, storage="parquet", direction=direction)
    before = found(world, "file")
    assert ids_in(data / before.path) == face_ids(world)
    result = run(world, data, Removal("photo", photo_id_of(1, 2), "flickr"))
    after = found(world, "file")
    assert ids_in(data / after.path) == face_ids(world)
    assert [path.name for path in (data / "pairs").iterdir()] == [Path(after.path).name]
    assert after.pair_count == found(world, "rows").pair_count == len(NAMES) * PAIRS_OF_ONE - (PHOTOS - 1)
    assert after.sha256 == found(world, "rows").sha256 != before.sha256
    assert result["pairs"] >= 3 * (PHOTOS - 1)  # of the sets default, rows and file; and its strangers


def test_a_file_without_a_pair_of_theirs_stays_as_it_is(world: Engine, data: Path) -> None:
    with filling(world, data) as fill:
        fill.dated_face("Dee_Olin", LONE, 1901)
    build(world, data, "file", storage="parquet")
    before = found(world, "file")
    moment = (data / before.path).stat().st_mtime_ns
    run(world, data, Removal("photo", LONE, "flickr"))
    assert found(world, "file") == before
    assert (data / before.path).stat().st_mtime_ns == moment


def test_killed_before_the_catalog_knows_the_new_file_the_same_command_completes_it(
    world: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    build(world, data, "file", storage="parquet")
    before = found(world, "file")
    wanted = Removal("subject", NAMES[0])

    def stop(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr("curation.pairing.removed.replace_pair_file", stop)
        run(world, data, wanted)
    assert found(world, "file") == before
    assert (data / before.path).exists()
    run(world, data, wanted)
    after = found(world, "file")
    assert ids_in(data / after.path) == face_ids(world)
    assert [path.name for path in (data / "pairs").iterdir()] == [Path(after.path).name]


def test_a_face_that_was_only_a_stranger_changes_the_fingerprint_too(world: Engine, data: Path) -> None:
    with filling(world, data) as fill:
        fill.dated_face("Dee_Olin", LONE, 1980)
    build(world, data, "rows", negatives=20, split="all=train")
    build(world, data, "file", negatives=20, split="all=train", storage="parquet")
    lone = select(Face.id).join(Photo, Photo.id == Face.photo_id).where(Photo.site_id == LONE)
    with world.connect() as connection:
        face_id = connection.scalars(lone).one()
        assert not connection.scalars(select(Pair.subject_id).where(Pair.older_face_id == face_id)).all()
        assert connection.scalars(select(NegativePair.gap_years).where(NegativePair.older_face_id == face_id)).all()
    before = found(world, "rows")
    run(world, data, Removal("photo", LONE, "flickr"))
    after = found(world, "rows")
    assert after.pair_count == before.pair_count
    assert after.sha256 == found(world, "file").sha256 != before.sha256
    with world.connect() as connection:
        assert "" not in connection.scalars(select(PairSet.sha256)).all()
