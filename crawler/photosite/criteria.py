"""The parameters of flickr.photos.search, read as the site reads them.

They are documented at flickr.com/services/api/flickr.photos.search.html. What cannot hold for any photo of ours
(videos, places, groups, screenshots) makes the search empty, not refused.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from crawler.photosite.tags import normal_tag, words_of

MOST_RESULTS = 4000  # "at most the first 4,000 results for any given search query"
MOST_PER_PAGE = 500
MOST_PER_GEO_PAGE = 250
DEFAULT_PER_PAGE = 100
LAST_PAGE = 10_000  # a larger page is answered as this one (python-flickr-api issue 54)
MOST_TAGS_FOR_ALL = 20

SortBy = Literal["posted", "taken", "interest", "relevance"]
SORTS: dict[str, tuple[SortBy, bool]] = {
    "date-posted-asc": ("posted", False),
    "date-posted-desc": ("posted", True),
    "date-taken-asc": ("taken", False),
    "date-taken-desc": ("taken", True),
    "interestingness-asc": ("interest", False),
    "interestingness-desc": ("interest", True),
    "relevance": ("relevance", True),
}
DEFAULT_SORT = "date-posted-desc"

# Agents that narrow a search; licence, sort and the like alone make it "parameterless".
NARROWING = (
    "text", "tags", "machine_tags", "user_id", "group_id", "person_id", "bbox", "place_id", "woe_id", "lat",
    "min_upload_date", "max_upload_date", "min_taken_date", "max_taken_date", "is_commons", "in_gallery",
)  # fmt: skip
_ELSEWHERE = ("group_id", "person_id", "bbox", "place_id", "woe_id", "lat", "in_gallery", "machine_tags")
_GEO = ("bbox", "lat", "place_id", "woe_id")
_PHOTO_CONTENT = {"content_type": {"1", "4", "6", "7"}, "content_types": {"0"}}
_COMMONS_LICENCE = "7"

_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')


class ApiFault(Exception):
    """A call the site refuses, with the site's own code and words (HTTP 200 all the same)."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Term:
    """A word or phrase of `text`, as words without case and accents."""

    words: tuple[str, ...]
    is_excluded: bool


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """A search. Dates are Unix seconds (upload) and the owner's clock as text (taken), both ends included."""

    terms: tuple[Term, ...]
    tags: tuple[str, ...]
    needs_all_tags: bool
    user_id: str
    licences: frozenset[str]  # empty: any
    min_upload: int | None
    max_upload: int | None
    min_taken: str | None
    max_taken: str | None
    is_hopeless: bool  # no photo of ours can be found
    sort_by: SortBy
    is_descending: bool
    page: int
    per_page: int


def read_criteria(params: Mapping[str, str]) -> Criteria:
    """Read a search; raise ApiFault where the site would refuse it."""
    if not any(params.get(name) for name in NARROWING):
        raise ApiFault(3, "Parameterless searches have been disabled. Please use flickr.photos.getRecent instead.")
    tags = tuple(folded_tag(tag) for tag in params.get("tags", "").split(",") if tag.strip())
    if params.get("tag_mode") == "all" and len(tags) > MOST_TAGS_FOR_ALL:
        raise ApiFault(1, "Too many tags in ALL query")
    uploads = [moment(params, name) for name in ("min_upload_date", "max_upload_date")]
    takens = [moment(params, name) for name in ("min_taken_date", "max_taken_date")]
    for low, high in (uploads, takens):
        if low is not None and high is not None and low > high:
            raise ApiFault(18, "Illogical arguments")
    licences = frozenset(filter(None, params.get("license", "").replace(" ", "").split(",")))
    if params.get("is_commons", "").lower() in ("1", "true"):
        licences = frozenset({_COMMONS_LICENCE})
    sort_by, is_descending = SORTS.get(params.get("sort", ""), SORTS[DEFAULT_SORT])
    most = MOST_PER_GEO_PAGE if any(params.get(name) for name in _GEO) else MOST_PER_PAGE
    return Criteria(
        terms=_terms(params.get("text", "")),
        tags=tags,
        needs_all_tags=params.get("tag_mode") == "all",
        user_id=params.get("user_id", ""),
        licences=licences,
        min_upload=uploads[0],
        max_upload=uploads[1],
        min_taken=None if takens[0] is None else _mysql(takens[0]),
        max_taken=None if takens[1] is None else _mysql(takens[1]),
        is_hopeless=_is_hopeless(params),
        sort_by=sort_by,
        is_descending=is_descending,
        page=min(max(_count(params, "page", 1), 1), LAST_PAGE),
        per_page=min(max(_count(params, "per_page", DEFAULT_PER_PAGE), 1), most),
    )


def folded_tag(tag: str) -> str:
    """Return the tag as searches compare it: normalised, without accents."""
    return "".join(words_of(normal_tag(tag)))


def _terms(text: str) -> tuple[Term, ...]:
    terms = (Term(tuple(words_of(phrase or word)), bool(minus)) for minus, phrase, word in _TERM.findall(text))
    return tuple(term for term in terms if term.words)


def _is_hopeless(params: Mapping[str, str]) -> bool:
    if any(params.get(name) for name in _ELSEWHERE):
        return True
    if params.get("media") == "videos" or params.get("has_geo") in ("1", "true"):
        return True
    for name, wanted in _PHOTO_CONTENT.items():
        asked = set(filter(None, params.get(name, "").replace(" ", "").split(",")))
        if asked and not asked & wanted:
            return True
    return False


def moment(params: Mapping[str, str], name: str) -> int | None:
    """Return Unix seconds of a parameter that is Unix seconds or a MySQL datetime (read as UTC)."""
    value = params.get(name, "").strip()
    if not value:
        return None
    try:
        return int(value) if value.lstrip("-").isdigit() else int(_utc(value))
    except ValueError:
        raise ApiFault(18, "Illogical arguments") from None


def _utc(value: str) -> float:
    return datetime.fromisoformat(value).replace(tzinfo=UTC).timestamp()


def _mysql(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        raise ApiFault(18, "Illogical arguments") from None


def _count(params: Mapping[str, str], name: str, default: int) -> int:
    value = params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else default
