"""The run of a sync: photos looked up at their site again, those that are gone or tightened removed, the others noted.

Progress is `photo.checked_at`, so a killed run goes on where it was. A photo to be removed is buried first, then its
files go, then its row: whatever a kill leaves is looked up and removed by the next run.
"""

import asyncio
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlalchemy import Connection

from agegap.errors import DataFailed, WrongUse
from agegap.removed_files import remove_files
from crawler.law.sync_plan import SitePlan
from crawler.law.sync_sites import Removed, judge
from crawler.running.catalog_thread import CatalogThread
from crawler.sites.flickr.info import PhotoToday
from crawler.sites.found import Ask, SiteFault
from db.checks import CheckedPhoto, PhotoToCheck, count_to_check, photos_to_check, save_checked
from db.pair_recount import renew_fingerprints
from db.removal import DoomedPhoto, delete_photos, load_doomed, paths_in_use
from db.tombstones import bury

T = TypeVar("T")

BATCH = 50
"""Photos whose verdicts are carried out together: one call at Commons, a minute of calls at Flickr."""

_SMALL_BATCH = 20  # of fewer photos most may be gone by chance
_SILENT_BATCHES = 3  # in a row without any answer: then the site is down


class Caller(Protocol):
    """Calls an API (crawler/running/api_caller.py)."""

    async def call_and_read(self, ask: Ask, read: Callable[..., Any]) -> Any:
        """Return what `read` makes of the answer, or the fault that was left after all tries."""


@dataclass
class SyncTally:
    """What a sync did."""

    checked: int = 0
    relicensed: int = 0
    removed: Counter[str] = field(default_factory=Counter)
    faces: int = 0
    files: int = 0
    unanswered: int = 0
    left: int = 0
    calls: int = 0

    def result(self) -> dict[str, Any]:
        """Return it as the command's output."""
        shown = {"checked": self.checked, "relicensed": self.relicensed, "removed": dict(sorted(self.removed.items()))}
        rest = {"faces_removed": self.faces, "files_removed": self.files, "unanswered": self.unanswered}
        return {**shown, **rest, "left_to_check": self.left, "calls": self.calls}


@dataclass(frozen=True)
class Verdict:
    """What is to be done with one photo: `removed` says why it goes, None that it stays with `licence`."""

    photo: PhotoToCheck
    licence: str | None
    removed: Removed | None


class SiteSync:
    """Checks the photos of one site."""

    def __init__(
        self,
        plan: SitePlan,
        *,
        caller: Caller,
        catalog: CatalogThread,
        data: Path,
        tally: SyncTally,
        most_removed: float,
    ) -> None:
        self._plan = plan
        self._caller = caller
        self._catalog = catalog
        self._data = data
        self._tally = tally
        self._most_removed = most_removed
        self._unanswered: set[int] = set()

    async def run(self, limit: int | None, *, started: datetime | None = None) -> None:
        """Check up to `limit` photos not checked since `started` (default: now).

        Raises WrongUse when the site refuses the calls, DataFailed when it does not answer or most photos seem gone.
        """
        started = started or datetime.now(UTC)
        done, silent = 0, 0
        while limit is None or done < limit:
            most = BATCH if limit is None else min(BATCH, limit - done)
            photos = await self._next(started, most)
            if not photos:
                break
            verdicts = await self._ask(photos)
            silent = 0 if verdicts else silent + 1
            if silent >= _SILENT_BATCHES:
                raise DataFailed(f"{self._plan.api}: no answer for {silent * BATCH} photos; check the address")
            await self._carry_out(verdicts)
            done += len(photos)
        await self._catalog.run(renew_fingerprints)  # also what a killed run left
        site = self._plan.site.site
        self._tally.left += await self._catalog.run(lambda c: count_to_check(c, site, before=started))

    async def _next(self, started: datetime, most: int) -> list[PhotoToCheck]:
        site, passed_over = self._plan.site.site, len(self._unanswered)
        found = await self._catalog.run(
            lambda connection: photos_to_check(connection, site, before=started, limit=most + passed_over)
        )
        return [photo for photo in found if photo.id not in self._unanswered][:most]

    async def _ask(self, photos: Sequence[PhotoToCheck]) -> list[Verdict]:
        size = self._plan.site.batch
        slots = asyncio.Semaphore(self._plan.settings.api_concurrency)

        async def one(some: Sequence[PhotoToCheck]) -> list[PhotoToday]:
            async with slots:
                return await self._look_up([photo.site_id for photo in some])

        calls = [one(photos[start : start + size]) for start in range(0, len(photos), size)]
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(call) for call in calls]
        today = {each.site_id: each for task in tasks for each in task.result()}
        verdicts = []
        for photo in photos:
            if (now := today.get(photo.site_id)) is None:
                self._unanswered.add(photo.id)
                self._tally.unanswered += 1
            else:
                verdicts.append(Verdict(photo, now.licence, judge(photo, now, self._plan.allowed)))
        return verdicts

    async def _look_up(self, site_ids: Sequence[str]) -> list[PhotoToday]:
        site = self._plan.site
        answer: list[PhotoToday] | SiteFault = await self._caller.call_and_read(
            site.ask(site_ids, self._plan.api), lambda body, headers: site.read(site_ids, body, headers)
        )
        if not isinstance(answer, SiteFault):
            return answer
        if answer.kind == "fatal":
            key = f"{site.key_variable} and " if site.key_variable else ""
            raise WrongUse(f"{site.site} refused the call: {answer}; check {key}the address of the API")
        return []

    async def _carry_out(self, verdicts: Sequence[Verdict]) -> None:
        doomed = [verdict for verdict in verdicts if verdict.removed is not None]
        if len(verdicts) >= _SMALL_BATCH and len(doomed) > self._most_removed * len(verdicts):
            raise DataFailed(
                f"{self._plan.api}: {len(doomed)} of {len(verdicts)} photos seem to be gone or closed, and none was "
                "removed; check the address, or give -a most_removed=1"
            )
        kept = [CheckedPhoto(verdict.photo.id, verdict.licence) for verdict in verdicts if verdict.removed is None]
        if kept:
            await self._catalog.run(lambda connection: save_checked(connection, kept))
        if doomed:
            await self._remove(doomed)
        self._tally.checked += len(verdicts)
        self._tally.relicensed += sum(
            verdict.removed is None and verdict.licence not in (None, verdict.photo.licence) for verdict in verdicts
        )
        self._tally.removed.update(verdict.removed.why for verdict in doomed if verdict.removed is not None)

    async def _remove(self, doomed: Sequence[Verdict]) -> None:
        site, ids = self._plan.site.site, [verdict.photo.id for verdict in doomed]
        photos, in_use = await self._catalog.run(lambda connection: _bury(connection, site, doomed))
        paths = {photo.path for photo in photos if photo.path is not None} - in_use
        paths |= {path for photo in photos for path in photo.crop_paths}
        removed = await asyncio.to_thread(remove_files, self._data, paths)
        rows = await self._catalog.run(lambda connection: delete_photos(connection, ids))
        self._tally.files += removed.count
        self._tally.faces += rows.faces


def _bury(connection: Connection, site: str, doomed: Sequence[Verdict]) -> tuple[list[DoomedPhoto], set[str]]:
    for verdict in doomed:
        assert verdict.removed is not None
        bury(connection, "photo", site, [verdict.photo.site_id], reason=verdict.removed.reason)
    photos = list(load_doomed(connection, [verdict.photo.id for verdict in doomed]))
    return photos, paths_in_use(connection, photos)
