"""A sync drops what is gone or closed at its site, notes what changed, and goes on after a kill where it was."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select, update

from agegap.errors import DataFailed, WrongUse
from crawler.crawl_settings import CrawlSettings
from crawler.law import sync
from crawler.law.presets import choose_licences
from crawler.law.sync import SiteSync, SyncTally
from crawler.law.sync_plan import SitePlan
from crawler.law.sync_sites import CommonsSync, FlickrSync, SyncSite
from crawler.running.catalog_thread import CatalogThread
from crawler.sites.found import Ask, SiteFault
from db.dataset_exports import record_export, recorded_exports
from db.models import Photo
from db.tombstones import is_buried
from tests.curation.filled import filling, noise

API = "https://site.example/api"


@dataclass
class World:
    """A site as it is today: photos by id, `None` for what it answers nothing sensible to."""

    photos: dict[str, dict[str, Any] | None] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    fault: SiteFault | None = None

    async def call_and_read(self, ask: Ask, read: Any) -> Any:
        if self.fault is not None:
            return self.fault
        ids = (ask.params.get("photo_id") or ask.params["pageids"]).split("|")
        self.asked += ids
        body = self.flickr(ids[0]) if "photo_id" in ask.params else self.commons(ids)
        return read(json.dumps(body).encode(), {})

    def flickr(self, photo_id: str) -> dict[str, Any]:
        today = self.photos.get(photo_id, {"gone": 1})
        if today is None:
            return {"stat": "ok", "photo": {"id": "another"}}
        if "gone" in today:
            return {"stat": "fail", "code": today["gone"], "message": "Photo not found"}
        photo = {
            "id": photo_id,
            "license": today.get("licence", "4"),
            "visibility": {"ispublic": today.get("public", 1), "isfriend": 0, "isfamily": 0},
            "usage": {"candownload": today.get("download", 1)},
        }
        return {"stat": "ok", "photo": photo}

    def commons(self, ids: list[str]) -> Mapping[str, Any]:
        pages = []
        for page_id in ids:
            today = self.photos.get(page_id, {"gone": 1})
            if today is None:
                pages.append({"pageid": int(page_id), "ns": 6, "title": "File:X.jpg"})
            elif "gone" in today:
                pages.append({"pageid": int(page_id), "missing": True})
            elif "filemissing" in today:
                pages.append({"pageid": int(page_id), "imageinfo": [{"filemissing": True}]})
            else:
                texts = {"License": {"value": today.get("licence", "cc-by-4.0"), "source": "commons-templates"}}
                pages.append({"pageid": int(page_id), "imageinfo": [{"extmetadata": texts}]})
        return {"batchcomplete": True, "query": {"pages": pages}}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def fill(engine: Engine, data: Path, *site_ids: str, site: str = "flickr", licence: str = "4") -> None:
    with filling(engine, data) as filler:
        for number, site_id in enumerate(site_ids):
            path = f"photos/Ada/{site_id}.jpg"
            (data / path).parent.mkdir(parents=True, exist_ok=True)
            (data / path).write_bytes(site_id.encode())
            photo = filler.photo(site_id, site=site, licence=licence, path=path, sha256=f"{number:064}")
            filler.face(photo, crop=noise(number))


def check(
    engine: Engine, data: Path, world: World, *, site: SyncSite | None = None, limit: int | None = None, **changes: Any
) -> SyncTally:
    site = site or FlickrSync()
    settings = CrawlSettings(**changes)
    plan = SitePlan(site, API, settings, choose_licences(site.site, settings.licences))
    tally, catalog = SyncTally(), CatalogThread(engine)
    try:
        run = SiteSync(plan, caller=world, catalog=catalog, data=data, tally=tally, most_removed=0.5)
        asyncio.run(run.run(limit))
    except* (DataFailed, WrongUse) as faults:
        raise faults.exceptions[0] from None
    finally:
        catalog.close()
    return tally


def site_ids(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(connection.scalars(select(Photo.site_id)))


def test_what_is_gone_private_closed_or_tightened_is_removed(catalog: Engine, data: Path) -> None:
    fill(catalog, data, "1", "2", "3", "4", "5", "6", "7", "8")
    world = World({str(number): {} for number in range(1, 9)})
    world.photos |= {"2": {"gone": 1}, "3": {"gone": 2}, "4": {"public": 0}, "5": {"download": "0"}}
    world.photos |= {"6": {"licence": "0"}, "7": {"licence": "99"}, "8": {"licence": "9"}}
    tally = check(catalog, data, world)
    assert site_ids(catalog) == {"1", "8"}
    assert tally.removed == {"gone": 2, "private": 1, "no_download": 1, "licence": 2}
    assert sorted(path.name for path in (data / "photos" / "Ada").iterdir()) == ["1.jpg", "8.jpg"]
    assert len(list((data / "faces").rglob("*.jpg"))) == 2
    assert (tally.checked, tally.relicensed, tally.faces, tally.files) == (8, 1, 6, 12)
    with catalog.connect() as connection:
        assert is_buried(connection, "photo", "flickr", "2")
        row = connection.execute(select(Photo).where(Photo.site_id == "8")).one()
        assert row.licence == "9"
        assert row.licence_at == row.checked_at is not None


def test_a_licence_that_did_not_change_stays_whatever_is_allowed_now(catalog: Engine, data: Path) -> None:
    fill(catalog, data, "1", "2", licence="0")
    check(catalog, data, World({"1": {"licence": "0"}, "2": {"licence": "3"}}), licences="derivatives")
    assert site_ids(catalog) == {"1"}


def test_commons_files_are_looked_up_fifty_at_once(catalog: Engine, data: Path) -> None:
    ids = [str(number) for number in range(100, 170)]
    fill(catalog, data, *ids, site="commons", licence="cc-by-4.0")
    world = World({site_id: {} for site_id in ids})
    world.photos |= {"101": {"gone": 1}, "102": {"filemissing": 1}, "103": {"licence": "cc-by-sa-4.0"}, "104": None}
    tally = check(catalog, data, world, site=CommonsSync())
    assert set(ids) - site_ids(catalog) == {"101", "102"}
    assert (tally.checked, tally.relicensed, tally.unanswered, tally.left) == (69, 1, 1, 1)
    assert len(world.asked) == 70


def test_those_checked_longest_ago_come_first(catalog: Engine, data: Path) -> None:
    fill(catalog, data, "1", "2", "3")
    world = World({"1": {}, "2": {}, "3": {}})
    assert check(catalog, data, world, limit=2).left == 1
    check(catalog, data, world, limit=1)
    check(catalog, data, world, limit=1)
    assert world.asked == ["1", "2", "3", "1"]


@pytest.mark.parametrize("step", ["_bury", "remove_files", "delete_photos"])
def test_a_kill_at_any_step_is_completed_by_the_next_run(
    step: str, catalog: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(Exception):
        pass

    def dying(*_: Any, **__: Any) -> None:
        raise Killed

    fill(catalog, data, "1", "2")
    world = World({"1": {}})
    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr(sync, step, dying)
        check(catalog, data, world)
    assert check(catalog, data, world).removed == {"gone": 1}
    assert site_ids(catalog) == {"1"}
    assert not list(data.rglob("2.jpg"))
    with catalog.connect() as connection:
        assert is_buried(connection, "photo", "flickr", "2")


def test_when_most_seem_gone_nothing_is_removed(sqlite_catalog: Engine, data: Path) -> None:
    fill(sqlite_catalog, data, *(str(number) for number in range(30)))
    with pytest.raises(DataFailed, match=r"30 of 30 photos seem to be gone.*check the address"):
        check(sqlite_catalog, data, World())
    assert len(site_ids(sqlite_catalog)) == len(list((data / "photos").rglob("*.jpg"))) == 30


def test_a_site_that_refuses_or_does_not_answer_ends_the_run(sqlite_catalog: Engine, data: Path) -> None:
    fill(sqlite_catalog, data, *(str(number) for number in range(200)))
    with pytest.raises(WrongUse, match=r"Invalid API Key.*FLICKR_API_KEY"):
        check(sqlite_catalog, data, World(fault=SiteFault("fatal", "Invalid API Key", 100)))
    with pytest.raises(DataFailed, match="no answer for 150 photos"):
        check(sqlite_catalog, data, World(fault=SiteFault("transient", "HTTP 503")))
    assert len(site_ids(sqlite_catalog)) == 200


def test_a_copy_of_a_removed_photo_keeps_the_file_they_share(catalog: Engine, data: Path) -> None:
    fill(catalog, data, "1", "2", "3")
    path = "photos/Ada/1.jpg"
    with catalog.begin() as connection:
        first = connection.scalar(select(Photo.id).where(Photo.site_id == "1"))
        copies = update(Photo).where(Photo.site_id.in_(["2", "3"]))
        connection.execute(copies.values(path=path, sha256=f"{0:064}", duplicate_of=first))
    check(catalog, data, World({"2": {}, "3": {}}))
    assert (data / path).exists()
    with catalog.connect() as connection:
        rows = connection.execute(select(Photo.id, Photo.duplicate_of).order_by(Photo.id)).all()
    assert [row.duplicate_of for row in rows] == [None, rows[0].id]
    check(catalog, data, World())
    assert not (data / path).exists()


def test_exports_that_may_hold_a_removed_face_are_marked(catalog: Engine, data: Path) -> None:
    fill(catalog, data, "1", "2")
    with catalog.begin() as connection:
        record_export(connection, "/sets/one", manifest_sha256="0" * 64, face_count=2)
    check(catalog, data, World({"1": {}, "2": {}}))
    with catalog.connect() as connection:
        assert not recorded_exports(connection)[0].is_stale
    check(catalog, data, World({"1": {}}))
    with catalog.connect() as connection:
        assert recorded_exports(connection)[0].is_stale
