"""Flickr as a site that can be searched: windows in, calls out; answers in, steps out."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Protocol

from crawler.name_forms import other_forms
from crawler.names import Name
from crawler.sites.flickr import faults
from crawler.sites.flickr.asking import Slice, licences_parameters, search_parameters
from crawler.sites.flickr.choices import read_choices
from crawler.sites.flickr.cursors import KeysetCursor, PagesCursor, read_cursor
from crawler.sites.flickr.keyset import keyset_step
from crawler.sites.flickr.licence_list import ListedLicence, read_licence_list, trusted_ids
from crawler.sites.flickr.pages import page_of, pages_step
from crawler.sites.flickr.results import read_results
from crawler.sites.flickr.words import API_URL, KEY_PARAMETER, KEY_VARIABLE, SITE
from crawler.sites.found import Ask, SiteFault, Step
from db.window_rows import NewWindow, WantedQuery, Window

PHRASE = "phrase"


class FlickrSettings(Protocol):
    """The settings of a crawl that matter here (crawler/crawl_settings.py)."""

    @property
    def licences(self) -> str:
        """Presets and ids of licences that may be stored, with commas."""

    @property
    def sizes(self) -> str:
        """The image size wanted, or letters of sizes, best first."""

    @property
    def per_page(self) -> int:
        """Results an answer."""

    @property
    def fallbacks(self) -> bool:
        """Whether a name without results is searched in other forms."""


class FlickrSite:
    """Searches Flickr; a `crawler.sites.found.SearchSite`.

    `planned_at` (Unix seconds; now by default) ends what is asked for: what is uploaded later is another crawl's.
    Raises SettingsError for unknown licences and sizes.
    """

    site = SITE
    key_variable = KEY_VARIABLE
    api_url = API_URL

    def __init__(self, settings: FlickrSettings, *, planned_at: int | None = None) -> None:
        self._choices = read_choices(licences=settings.licences, sizes=settings.sizes, per_page=settings.per_page)
        self._has_fallbacks = settings.fallbacks
        self._planned_at = int(time.time()) if planned_at is None else planned_at

    @property
    def licences(self) -> frozenset[str]:
        """The ids of licences that may be stored."""
        return self._choices.licences

    # -- the start of a crawl --------------------------------------------------------------------------------

    def opening_ask(self, api: str) -> Ask:
        """Return the call for the list of licences, made once before any search."""
        return self._ask(api, licences_parameters())

    def read_opening(self, body: bytes, headers: Mapping[str, str]) -> tuple[ListedLicence, ...] | SiteFault:
        """Return the licences the site lists, for the catalog's `licence` table and for `trust`."""
        return read_licence_list(body)

    def trust(self, listed: Iterable[ListedLicence]) -> frozenset[str]:
        """Store from now on only what the site lists as we know it; return the wanted ids that are given up."""
        known = trusted_ids(listed)
        lost = self._choices.licences - known
        self._choices = replace(self._choices, licences=self._choices.licences & known, known=known)
        return lost

    def wanted_queries(self, name: Name, subject_facts: Mapping[str, Any] | None) -> list[WantedQuery]:
        """Return the search for the name as a phrase, over all licences and times."""
        return [WantedQuery(name.name, name.display_name, name.phrase, PHRASE, self._whole())]

    # -- one window ------------------------------------------------------------------------------------------

    def ask(self, window: Window, api: str) -> Ask:
        """Return the call that reads the next results of a window."""
        cursor = read_cursor(window.cursor)
        start = window.min_upload if cursor.start is None else cursor.start
        part = Slice(window.licences, start, window.max_upload, window.sort)
        number, size = 1, self._choices.per_page
        if isinstance(cursor, PagesCursor):
            page = page_of(cursor, per_page=size)
            number, size = page.number, page.size
        params = search_parameters(window.text, page=number, per_page=size, part=part, sizes=self._choices.sizes)
        return self._ask(api, params)

    def read(self, window: Window, body: bytes, headers: Mapping[str, str]) -> Step | SiteFault:
        """Return what the answer to `ask` says."""
        cursor = read_cursor(window.cursor)
        if isinstance(cursor, PagesCursor):
            size = page_of(cursor, per_page=self._choices.per_page).size
            page = read_results(body, per_page=size)
            if isinstance(page, SiteFault):
                is_end = page.code == faults.EXCESSIVE_OFFSET and page.kind == "permanent"
                return pages_step(window, cursor, None, self._choices) if is_end else page
            return pages_step(window, cursor, page, self._choices)
        answer = read_results(body, per_page=self._choices.per_page)
        if isinstance(answer, SiteFault):
            return answer
        step = keyset_step(window, cursor, answer, self._choices)
        return replace(step, follow_ups=self._follow_ups(window)) if self._found_nothing(window, cursor, step) else step

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return what an answer of another status means."""
        return faults.fault_of_status(status, headers, body)

    # -- names without results -------------------------------------------------------------------------------

    def _found_nothing(self, window: Window, cursor: KeysetCursor, step: Step) -> bool:
        is_whole = window.kind == PHRASE and window.licences is None and window.min_upload is None
        is_end = step.cursor is None and not step.children
        return is_whole and is_end and cursor.rank + step.seen == 0

    def _follow_ups(self, window: Window) -> tuple[WantedQuery, ...]:
        if not self._has_fallbacks:
            return ()
        forms = other_forms(Name(window.name, window.display_name))
        whole = self._whole()
        return tuple(WantedQuery(window.name, window.display_name, form.phrase, form.kind, whole) for form in forms)

    def _whole(self) -> NewWindow:
        # From the beginning: a photo may be dated before Flickr was, and would be in no other window.
        return NewWindow(max_upload=self._planned_at)

    def _ask(self, api: str, params: Mapping[str, str]) -> Ask:
        return Ask(api, "POST", params, (KEY_VARIABLE, KEY_PARAMETER))
