"""What every site is asked and what its answer becomes: found photos and how to go on, or a fault.

A site module is pure: a window of a search in, an `Ask` out; the answer's bytes in, a `Step` or a `SiteFault` out.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Literal, Protocol

if TYPE_CHECKING:  # the rows of the catalog, as types only: nothing here needs SQL
    from crawler.names import Name
    from db.windows import NewWindow, WantedQuery, Window


class Refusal(StrEnum):
    """Why a result of a search is not stored."""

    LICENCE = "licence"  # known, and not among those the settings allow
    UNKNOWN_LICENCE = "unknown_licence"
    NOT_A_PHOTO = "not_a_photo"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class FoundPhoto:
    """One result, in the catalog's words; `raw` is the site's answer for it.

    `rank` is its place among the results read, from 0, None where the site's order is not known. `date_text` is a
    date in free text or HTML, `exif_taken` the original's EXIF date as the site tells it, `image_size` the word for
    the size that was chosen.
    """

    site_id: str
    rank: int | None = None
    page_url: str | None = None
    image_url: str | None = None
    licence: str | None = None
    owner_id: str | None = None
    owner_name: str | None = None
    title: str | None = None
    description: str | None = None
    tags: str | None = None
    machine_tags: str | None = None
    date_taken: str | None = None
    date_taken_granularity: int | None = None
    date_taken_unknown: bool | None = None
    uploaded: datetime | None = None
    date_text: str | None = None
    exif_taken: str | None = None
    file_name: str | None = None
    image_size: str | None = None
    raw: Mapping[str, Any] = field(default_factory=dict)


FaultKind = Literal["transient", "permanent", "fatal"]


@dataclass(frozen=True)
class SiteFault:
    """An answer without results: try again (transient), give this window up (permanent), or stop (fatal).

    `retry_after_s` is how long the site asks us to wait before the next try.
    """

    kind: FaultKind
    message: str
    code: int | None = None
    retry_after_s: float | None = None

    def __str__(self) -> str:
        return self.message if self.code is None else f"{self.message} (code {self.code})"


@dataclass(frozen=True)
class Ask:
    """One call of an API: what to request. `needs_key` is (environment variable, parameter) of the key to add."""

    url: str
    method: Literal["GET", "POST"]
    params: Mapping[str, str]
    needs_key: tuple[str, str] | None = None


@dataclass(frozen=True)
class Step:
    """What one answer brought, and how its window goes on.

    `seen` counts the results of this answer that no earlier one of the query had; `refused` those of them that are
    not stored, by reason. `photos` may hold some again that were seen before. `total` is what the site says this
    window holds, `query_total` what it says the whole query holds without a licence filter (None: not said here).
    `cursor` None ends the window; `children` are windows to read besides, `follow_ups` further queries of the subject.
    `unreachable` counts results the site says it has and shows by no means.
    """

    photos: tuple[FoundPhoto, ...]
    seen: int
    refused: Mapping[Refusal, int]
    total: int | None = None
    query_total: int | None = None
    cursor: Mapping[str, Any] | None = None
    children: tuple[NewWindow, ...] = ()
    follow_ups: tuple[WantedQuery, ...] = ()
    note: str | None = None
    unreachable: int = 0


class SearchSite(Protocol):
    """A site that can be searched for a subject: `site` is its name in the catalog."""

    @property
    def site(self) -> str:
        """The site's name in the catalog."""

    @property
    def key_variable(self) -> str | None:
        """The environment variable of its key; None where it wants none."""

    @property
    def api_url(self) -> str:
        """The address of its API."""

    def wanted_queries(self, name: Name, subject_facts: Mapping[str, Any] | None) -> list[WantedQuery]:
        """Return the queries a subject starts with; `subject_facts` are the columns of its row, None without one."""

    def ask(self, window: Window, api: str) -> Ask:
        """Return the call that reads the next results of a window."""

    def read(self, window: Window, body: bytes, headers: Mapping[str, str]) -> Step | SiteFault:
        """Return what the answer (HTTP 200) to `ask` says; `headers` have names in lower case."""

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return what an answer of another status means."""
