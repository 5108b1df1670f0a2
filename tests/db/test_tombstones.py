"""Tombstones: found by who has the value, read by nobody."""

import hashlib

from sqlalchemy import Engine, select

from db.models import Tombstone
from db.tombstones import buried_among, buried_values, bury, digest_of, is_buried
from tests.db.rows import table


def test_the_digest_is_the_one_that_is_documented() -> None:
    assert digest_of("photo", "flickr", "77") == hashlib.sha256(b"photo\x00flickr\x0077").hexdigest()
    assert digest_of("url", None, "u") == hashlib.sha256(b"url\x00\x00u").hexdigest()


def test_what_is_buried_is_buried_for_its_kind_and_site_only(catalog: Engine) -> None:
    with catalog.begin() as connection:
        assert not is_buried(connection, "photo", "flickr", "77")
        assert bury(connection, "photo", "flickr", ["77", "78", "77"], reason="asked for") == 2
        assert bury(connection, "photo", "flickr", ["77", "79"], reason="again") == 1
        assert is_buried(connection, "photo", "flickr", "77")
        assert not is_buried(connection, "photo", "commons", "77")
        assert not is_buried(connection, "owner", "flickr", "77")
        assert buried_values(connection, "photo", "flickr", ["76", "77", "79"]) == {"77", "79"}
        reasons = connection.execute(select(Tombstone.reason).order_by(Tombstone.reason)).scalars().all()
    assert reasons == ["again", "asked for", "asked for"]


def test_a_tombstone_holds_no_word_of_what_it_buries(catalog: Engine) -> None:
    with catalog.begin() as connection:
        bury(connection, "subject", None, ["Marta_Quillon"], reason="by mail of 2026-11-02")
        row = connection.execute(select(table(Tombstone))).one()
    assert "Marta" not in repr(tuple(row))


def test_photos_are_found_by_id_owner_and_either_url(catalog: Engine) -> None:
    photos: list[dict[str, str | None]] = [
        {"site_id": "1"},
        {"site_id": "2", "owner_id": "bad"},
        {"site_id": "3", "page_url": "http://x/3", "image_url": None},
        {"site_id": "4", "image_url": "http://y/4"},
        {"site_id": "5", "owner_id": None, "page_url": "http://x/5", "image_url": "http://y/5"},
    ]
    with catalog.begin() as connection:
        assert buried_among(connection, "flickr", photos) == set()
        bury(connection, "photo", "flickr", ["1"], reason="r")
        bury(connection, "owner", "flickr", ["bad"], reason="r")
        bury(connection, "url", None, ["http://x/3", "http://y/4"], reason="r")
        assert buried_among(connection, "flickr", photos) == {"1", "2", "3", "4"}
        assert buried_among(connection, "commons", photos) == {"3", "4"}


def test_many_values_are_looked_up_in_several_statements(catalog: Engine) -> None:
    values = [str(number) for number in range(1300)]
    with catalog.begin() as connection:
        bury(connection, "photo", "flickr", values[::2], reason="r")
        assert buried_values(connection, "photo", "flickr", values) == set(values[::2])
