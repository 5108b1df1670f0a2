"""Wikimedia Commons as a site to search: which queries a person gets, what to ask, how to read it."""

from collections.abc import Mapping
from typing import Any

from crawler.names import Name
from crawler.sites.commons.answers import read_step
from crawler.sites.commons.asks import (
    API_URL,
    BY_NAME,
    DEFAULT_WIDTH,
    OLDEST_FIRST,
    SITE,
    STANDARD_WIDTHS,
    batch_parameters,
    category_text,
    count_parameters,
    depicts_text,
    search_text,
)
from crawler.sites.commons.cursor import read_cursor
from crawler.sites.commons.page import JudgeLicence
from crawler.sites.found import Ask, SiteFault, Step
from crawler.sites.mediawiki import fault_of_status
from db.window_rows import NewWindow, WantedQuery, Window


class CommonsSite:
    """Searches, depicts statements and the category of a person; needs no key."""

    site = SITE
    key_variable: str | None = None
    api_url = API_URL

    def __init__(self, judge: JudgeLicence, *, width: int | None = DEFAULT_WIDTH) -> None:
        """`judge` says which licences may be stored; `width` is a standard width, or None for originals."""
        if width is not None and width not in STANDARD_WIDTHS:
            raise ValueError(f"{width} is not one of {STANDARD_WIDTHS}")
        self._judge, self._width = judge, width

    def wanted_queries(self, name: Name, subject_facts: Mapping[str, Any] | None = None) -> list[WantedQuery]:
        """Return the queries of a person; what Wikidata told of them makes them more exact.

        Of `subject_facts`, columns of the subject's row, `wikidata_id` and `commons_category` are read.
        """
        facts = subject_facts or {}
        entity_id, category = facts.get("wikidata_id"), facts.get("commons_category")
        wanted = [("search", search_text(name.display_name), OLDEST_FIRST)]
        if entity_id:
            wanted.append(("depicts", depicts_text(entity_id), OLDEST_FIRST))
        wanted.append(("category", category_text(category or name.display_name), BY_NAME))
        return [
            WantedQuery(name.name, name.display_name, text, kind=kind, window=NewWindow(sort=sort))
            for kind, text, sort in wanted
        ]

    def ask(self, window: Window, api: str) -> Ask:
        """Return what to request next for a window."""
        cursor = read_cursor(window.cursor)
        if cursor.is_counting:
            return Ask(api, "GET", count_parameters(window.text), None)
        parameters = batch_parameters(
            window.text,
            kind=window.kind,
            sort=window.sort,
            width=self._width or DEFAULT_WIDTH,
            with_subcategories=not cursor.is_subcategory,
            following=cursor.following,
        )
        return Ask(api, "GET", parameters, None)

    def read(self, window: Window, body: bytes, headers: Mapping[str, str]) -> Step | SiteFault:
        """Return what an answer says for a window."""
        return read_step(window, body, headers, width=self._width, judge=self._judge)

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return what an HTTP status other than 200 means."""
        return fault_of_status(status, headers, body)
