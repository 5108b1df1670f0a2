"""A takedown that was killed at any step is completed by the same command."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select, update

from curation import takedown
from db.models import Photo
from db.removal import Removal, delete_photos
from tests.curation.taken_down import (
    NAMES,
    PAIRS_OF_ONE,
    PHOTOS,
    described,
    owner_of,
    photo_id_of,
    places_of,
    run,
    sha256_of,
)

STEPS = [
    "_bury_asked",
    "_bury_found",
    "_sweep",
    "_remove_files",
    "_delete_rows",
    "_delete_subjects",
    "_rewrite_pair_files",
    "_renew_fingerprints",
    "_wipe",
]


@pytest.mark.slow
@pytest.mark.parametrize("step", STEPS)
def test_a_kill_before_any_step_is_completed_by_the_same_command(
    step: str, world: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wanted = Removal("subject", NAMES[1])
    words = [NAMES[1], owner_of(1), *(photo_id_of(1, number) for number in range(PHOTOS))]
    words += [sha256_of(world, photo_id_of(1, number)) for number in range(PHOTOS)]

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(takedown, step, stop)
        run(world, data, wanted)
    run(world, data, wanted)
    assert {word: places_of(world, data, word) for word in words if places_of(world, data, word)} == {}
    assert described(world)["pair_count"] == 2 * PAIRS_OF_ONE


def test_a_copy_elsewhere_goes_too_also_when_the_first_run_died_between(
    world: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = sha256_of(world, photo_id_of(1, 2))
    with world.begin() as connection:
        first = connection.scalar(select(Photo.id).where(Photo.sha256 == digest))
        path = connection.scalar(select(Photo.path).where(Photo.sha256 == digest))
        row = {"sha256": digest, "path": path, "duplicate_of": first, "owner_id": "another"}
        connection.execute(update(Photo).where(Photo.site_id == photo_id_of(2, 3)).values(**row))
    (data / f"photos/{NAMES[2]}/{photo_id_of(2, 3)}.jpg").unlink()
    wanted, calls = Removal("photo", photo_id_of(1, 2), "flickr"), []
    whole = delete_photos

    def dying(connection: Connection, ids: list[int]) -> Any:
        calls.append(ids)
        if len(calls) == 2:
            raise KeyboardInterrupt
        return whole(connection, ids)

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(takedown, "BATCH", 1)
        patch.setattr(takedown, "delete_photos", dying)
        run(world, data, wanted)
    run(world, data, wanted)
    for word in (digest, photo_id_of(1, 2), photo_id_of(2, 3), "another"):
        assert places_of(world, data, word) == []


def stop(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt
