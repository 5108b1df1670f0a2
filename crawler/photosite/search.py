"""Finding photos by words, dates and licences, and the pages of what was found, with the site's limits."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from crawler.photosite.photos import SitePhoto
from crawler.photosite.tags import normal_tag, words_of

MOST_RESULTS = 4000  # "at most the first 4,000 results for any given search query"
MOST_PER_PAGE = 500
DEFAULT_PER_PAGE = 100

# Agents that narrow a search; licence, sort and the like alone make it "parameterless".
NARROWING = ("text", "tags", "user_id", "min_upload_date", "max_upload_date", "min_taken_date", "max_taken_date")

_TERM = re.compile(r'(-?)(?:"([^"]*)"|(\S+))')
_FIELD_BREAK = " | "  # no word: a phrase cannot run from one field into the next


class ApiFault(Exception):
    """A call the site refuses, with the site's own code and words (HTTP 200 all the same)."""

    def __init__(self, code: int, message: str) -> None:
        self.code = code
        super().__init__(message)


@dataclass(frozen=True)
class Page:
    """One page of results; `total` counts all photos found, also those no page will ever show."""

    page: int
    pages: int
    perpage: int
    total: int
    photos: Sequence[SitePhoto]


class PhotoIndex:
    """All photos of the site, ready to be searched."""

    def __init__(self, photos: Iterable[SitePhoto]) -> None:
        self.photos = list(photos)
        self.by_id = {photo.record.id: photo for photo in self.photos}
        self._texts: list[str] = []
        self._with_word: dict[str, set[int]] = {}
        self._with_tag: dict[str, set[int]] = {}
        for place, photo in enumerate(self.photos):
            self._add(place, photo)

    def _add(self, place: int, photo: SitePhoto) -> None:
        record = photo.record
        fields = [words_of(text) for text in (record.title, record.description, *record.tags)]
        self._texts.append(_FIELD_BREAK.join(f" {' '.join(words)} " for words in fields))
        for word in {word for words in fields for word in words}:
            self._with_word.setdefault(word, set()).add(place)
        for tag in record.tags:
            self._with_tag.setdefault(_folded_tag(tag), set()).add(place)

    def search(self, params: Mapping[str, str]) -> Page:
        """Answer a search; raise ApiFault where the site would refuse it."""
        if not any(params.get(name) for name in NARROWING):
            raise ApiFault(3, "Parameterless searches have been disabled. Please use flickr.photos.getRecent instead.")
        found = self._matching(params)
        for is_wanted in _filters(params):
            found = {place for place in found if is_wanted(self.photos[place])}
        order, backwards = _order(params.get("sort", ""))
        ranked = sorted((self.photos[place] for place in found), key=order, reverse=backwards)
        return _page(ranked, params)

    def _matching(self, params: Mapping[str, str]) -> set[int]:
        found = set(range(len(self.photos)))
        for minus, phrase, word in _TERM.findall(params.get("text", "")):
            hits = self._with_phrase(words_of(phrase or word))
            found = found - hits if minus else found & hits
        if wanted := [_folded_tag(tag) for tag in params.get("tags", "").split(",") if tag.strip()]:
            having: list[set[int]] = [self._with_tag.get(tag, set()) for tag in wanted]
            found &= set[int].intersection(*having) if params.get("tag_mode") == "all" else set[int]().union(*having)
        return found

    def _with_phrase(self, words: list[str]) -> set[int]:
        """Return the photos with these words side by side in one field, or run together as one tag."""
        if not words:
            return set(range(len(self.photos)))
        candidates = set.intersection(*(self._with_word.get(word, set()) for word in words))
        phrase = f" {' '.join(words)} "
        return {place for place in candidates if phrase in self._texts[place]} | self._with_tag.get(
            "".join(words), set()
        )


def _folded_tag(tag: str) -> str:
    return "".join(words_of(normal_tag(tag)))


def _filters(params: Mapping[str, str]) -> list[Callable[[SitePhoto], bool]]:
    filters: list[Callable[[SitePhoto], bool]] = []
    lowest, highest = (_moment(params, name) for name in ("min_upload_date", "max_upload_date"))
    if lowest is not None and highest is not None and lowest > highest:
        raise ApiFault(18, "Illogical arguments")
    if lowest is not None:
        filters.append(lambda photo: photo.record.date_upload >= lowest)
    if highest is not None:
        filters.append(lambda photo: photo.record.date_upload <= highest)
    earliest, latest = (_moment(params, name) for name in ("min_taken_date", "max_taken_date"))
    if earliest is not None:
        first = _mysql(earliest)
        filters.append(lambda photo: photo.record.date_taken >= first)
    if latest is not None:
        last = _mysql(latest)
        filters.append(lambda photo: photo.record.date_taken <= last)
    if licences := set(filter(None, params.get("license", "").replace(" ", "").split(","))):
        filters.append(lambda photo: photo.record.license in licences)
    if owner := params.get("user_id"):
        filters.append(lambda photo: photo.record.owner == owner)
    if params.get("media") == "videos":
        filters.append(lambda photo: False)
    return filters


def _moment(params: Mapping[str, str], name: str) -> int | None:
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


def _mysql(moment: int) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%d %H:%M:%S")


def _order(sort: str) -> tuple[Callable[[SitePhoto], Any], bool]:
    """Return the key of a sort and whether the largest comes first; the site sorts by newest unless told otherwise.

    The id decides between equals, so that pages never overlap.
    """
    if sort.startswith("date-taken"):
        return (lambda photo: (photo.record.date_taken, photo.record.id)), sort.endswith("desc")
    return (lambda photo: (photo.record.date_upload, photo.record.id)), not sort.endswith("asc")


def _page(found: Sequence[SitePhoto], params: Mapping[str, str]) -> Page:
    size = min(max(_count(params, "per_page", DEFAULT_PER_PAGE), 1), MOST_PER_PAGE)
    page = max(_count(params, "page", 1), 1)
    pages = -(-len(found) // size)
    reachable = found[:MOST_RESULTS]
    # Past the cap the site goes on answering, with its last page again and `total` unchanged.
    last = -(-len(reachable) // size)
    shown = min(page, last) if len(found) > MOST_RESULTS else page
    return Page(page, pages, size, len(found), reachable[(shown - 1) * size : shown * size])


def _count(params: Mapping[str, str], name: str, default: int) -> int:
    value = params.get(name, "")
    return int(value) if value.isascii() and value.isdigit() else default
