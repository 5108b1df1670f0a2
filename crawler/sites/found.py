"""What every site's answer becomes: a page of found photos, or a fault; and why a result is refused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal


class Refusal(StrEnum):
    """Why a result of a search is not stored."""

    LICENCE = "licence"  # known, and not among those the settings allow
    UNKNOWN_LICENCE = "unknown_licence"
    NOT_A_PHOTO = "not_a_photo"
    MALFORMED = "malformed"


@dataclass(frozen=True)
class FoundPhoto:
    """One result, in the catalog's words; `raw` is the site's answer for it."""

    site_id: str
    rank: int
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
    raw: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FoundPage:
    """One page of results: `seen` counts all of them, `refused` those that are not in `photos`, by reason."""

    page: int
    pages: int | None
    total: int | None
    seen: int
    photos: tuple[FoundPhoto, ...]
    refused: Mapping[Refusal, int]
    is_last: bool
    note: str | None = None


FaultKind = Literal["transient", "permanent", "fatal"]


@dataclass(frozen=True)
class SiteFault:
    """An answer without results: try again (transient), give this query up (permanent), or stop (fatal)."""

    kind: FaultKind
    message: str
    code: int | None = None

    def __str__(self) -> str:
        return self.message if self.code is None else f"{self.message} (code {self.code})"
