"""The look-up of births from its first name to its last; all state is in the catalog.

A handful of names at a time: their items are asked for together, and each name is stored in a transaction of its own.
A kill loses at most the answers of one handful.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from agegap.errors import DataFailed, WrongUse
from crawler.births.entities import Caller, find_ids, read_people
from crawler.births.plan import BirthsPlan
from crawler.births.rows import candidate_rows, found_life
from crawler.births.tally import BirthsTally
from crawler.running.catalog_thread import CatalogThread
from crawler.sites.found import SiteFault
from crawler.sites.wikidata.people import Person
from crawler.sites.wikidata.scoring import Hints, Verdict, judge
from db.subjects import (
    Lookup,
    LookupCounts,
    add_lookups,
    add_subjects,
    count_lookups,
    fail_lookup,
    open_lookups,
    photo_years,
    revive_lookups,
    save_birth,
)

NAMES_AT_ONCE = 12
"""Names looked up together: at the four items a name has on average, one answer tells of all."""

_FAILURES_IN_A_ROW = 3  # after their retries: then the site is down, and the other names can wait


class BirthLookups:
    """Looks up every open name of a plan."""

    def __init__(self, plan: BirthsPlan, *, caller: Caller, catalog: CatalogThread, tally: BirthsTally) -> None:
        self._plan = plan
        self._caller = caller
        self._catalog = catalog
        self._tally = tally
        self._failures_in_a_row = 0
        self._has_answered = False

    async def run(self) -> None:
        """Look up until nothing is open; raise WrongUse when the site refuses us, DataFailed when it is down."""
        self._tally.names_total = await self._catalog.run(self._open)
        while lookups := await self._catalog.run(self._next):
            await self._look_up(lookups)

    async def count(self) -> None:
        """Put what the catalog holds into the tally."""
        self._tally.after = await self._catalog.run(self._counts)

    async def _look_up(self, lookups: Sequence[Lookup]) -> None:
        found: dict[int, list[str]] = {}
        for lookup in lookups:
            ids = await find_ids(self._caller, self._plan.api, lookup.display_name)
            if isinstance(ids, SiteFault):
                await self._give_up(lookup, ids)
            else:
                self._failures_in_a_row, self._has_answered = 0, True
                found[lookup.query_id] = ids
        wanted = list(dict.fromkeys(entity_id for ids in found.values() for entity_id in ids))
        people = await read_people(self._caller, self._plan.api, wanted)
        asked = [lookup for lookup in lookups if lookup.query_id in found]
        if isinstance(people, SiteFault):
            for lookup in asked:
                await self._give_up(lookup, people)
            return
        self._failures_in_a_row = 0
        years = await self._catalog.run(
            lambda connection: photo_years(connection, [lookup.subject_id for lookup in asked])
        )
        for lookup in asked:
            known = [people[entity_id] for entity_id in found[lookup.query_id] if entity_id in people]
            await self._store(lookup, known, years.get(lookup.subject_id, {}))

    async def _store(self, lookup: Lookup, people: Sequence[Person], years: Mapping[int, int]) -> None:
        verdict: Verdict = judge(lookup.display_name, people, Hints(self._plan.alive_in, years))
        rows, life = candidate_rows(verdict), found_life(verdict)
        await self._catalog.run(lambda connection: save_birth(connection, lookup, rows, life))
        self._tally.count(verdict)

    async def _give_up(self, lookup: Lookup, fault: SiteFault) -> None:
        if fault.kind == "fatal":
            raise WrongUse(f"wikidata refused the call: {fault}; check the contact and the address of the API")
        await self._catalog.run(lambda connection: fail_lookup(connection, lookup, str(fault)))
        self._tally.names_failed += 1
        if fault.kind == "permanent":
            self._has_answered = True
            return
        self._failures_in_a_row += 1
        if not self._has_answered or self._failures_in_a_row >= _FAILURES_IN_A_ROW:
            raise DataFailed(f"{self._plan.api}: {fault}; check the address, and run the same command again to go on")

    def _open(self, connection: Connection) -> int:
        plan = self._plan
        if plan.names is not None:
            add_subjects(connection, {name.name: name.display_name for name in plan.names})
        names = None if plan.names is None else [name.name for name in plan.names]
        add_lookups(connection, asked_by=plan.asked_by, names=names, again=plan.is_again)
        revive_lookups(connection, asked_by=plan.asked_by, max_attempts=plan.settings.max_attempts)
        return count_lookups(connection, asked_by=plan.asked_by).states.get("pending", 0)

    def _next(self, connection: Connection) -> list[Lookup]:
        return open_lookups(connection, asked_by=self._plan.asked_by, limit=NAMES_AT_ONCE)

    def _counts(self, connection: Connection) -> LookupCounts:
        return count_lookups(connection, asked_by=self._plan.asked_by)
