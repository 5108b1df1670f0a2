"""Asking for what a name may mean: ids by name, then people by id, as few calls as that takes."""

from collections.abc import Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from crawler.sites.found import Ask, SiteFault
from crawler.sites.mediawiki import fault_of_status
from crawler.sites.wikidata.asks import MAX_ENTITIES, entities_parameters, search_parameters, spellings
from crawler.sites.wikidata.people import Person, read_entities, read_search

T = TypeVar("T")


class Caller(Protocol):
    """Calls an API: `crawler.running.api_caller.ApiCaller`, or a test's own."""

    async def call_and_read(self, ask: Ask, read: Callable[[bytes, Mapping[str, str]], T | SiteFault]) -> T | SiteFault:
        """Return what `read` makes of the answer, or the fault that was left after all tries."""


class WikidataStatuses:
    """What Wikidata's HTTP statuses mean, for the caller."""

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return the fault of an answer that is not HTTP 200."""
        return fault_of_status(status, headers, body)


async def find_ids(caller: Caller, api: str, name: str) -> list[str] | SiteFault:
    """Return the ids of the items `name` may mean, by the first of its spellings that finds any."""
    for spelling in spellings(name):
        ids = await caller.call_and_read(Ask(api, "GET", search_parameters(spelling)), read_search)
        if isinstance(ids, SiteFault) or ids:
            return ids
    return []


async def read_people(caller: Caller, api: str, ids: Sequence[str]) -> dict[str, Person] | SiteFault:
    """Return the people among `ids`; what is no person is left out.

    Items that an answer leaves out, as it does when it grows too long, are asked for again in smaller numbers.
    """
    people: dict[str, Person] = {}
    waiting = [list(ids[start : start + MAX_ENTITIES]) for start in range(0, len(ids), MAX_ENTITIES)]
    while waiting:
        asked = waiting.pop()
        answer = await caller.call_and_read(Ask(api, "GET", entities_parameters(asked)), read_entities)
        if isinstance(answer, SiteFault):
            return answer
        people.update({entity_id: answer.people[entity_id] for entity_id in asked if entity_id in answer.people})
        left = [one for one in asked if one not in answer.people and one not in answer.others]
        if len(left) == len(asked) == 1:
            return SiteFault("transient", f"the site does not tell of {left[0]}")
        if len(left) == len(asked):
            waiting += [left[: len(left) // 2], left[len(left) // 2 :]]
        elif left:
            waiting.append(left)
    return people
