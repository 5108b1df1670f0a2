"""Finding photos by words, dates and licences, and the pages of what was found, with the site's limits."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol

import numpy as np

from crawler.photosite.chance import number_of, share
from crawler.photosite.changes import Absence, Changes, Fates
from crawler.photosite.criteria import MOST_RESULTS, ApiFault, Criteria, Term, folded_tag, read_criteria
from crawler.photosite.faults import Faults
from crawler.photosite.owners import Owner, owner_of
from crawler.photosite.photos import SitePhoto
from crawler.photosite.tags import words_of

__all__ = ["MOST_RESULTS", "ApiFault", "Page", "PhotoIndex", "Photos", "page_of"]

_FIELD_BREAK = " | "  # no word: a phrase cannot run from one field into the next


@dataclass(frozen=True)
class Page:
    """One page of results; `total` counts all photos found, also those no page will ever show."""

    page: int
    pages: int
    perpage: int
    total: int
    photos: Sequence[SitePhoto]


class Photos(Protocol):
    """All photos of a site: held (PhotoIndex) or made as they are asked for (big.BigPhotos)."""

    calls: int
    """API calls so far: the site's clock, set by the server before each call."""

    def set_faults(self, faults: Faults) -> None:
        """Take over the faults that concern which photos there are."""

    def search(self, params: Mapping[str, str]) -> Page:
        """Answer a search; raise ApiFault where the site would refuse it."""

    def photo(self, photo_id: str) -> SitePhoto | None:
        """Return the photo as it is now, None where there is none (any more, or not yet)."""

    def absence(self, photo_id: str) -> Absence:
        """Say why there is no such photo: it never was or is not yet, it was deleted, or its owner hid it."""

    def owner(self, name: str) -> Owner | None:
        """Return the owner of this id, path alias or user name."""


class PhotoIndex:
    """The photos of a list, ready to be searched."""

    def __init__(self, photos: Iterable[SitePhoto]) -> None:
        self.calls = 0
        self.photos = list(photos)
        self._place = {photo.record.id: place for place, photo in enumerate(self.photos)}
        self._faults = Faults()
        self._changes = Changes(self._faults)
        self._numbers = np.array([number_of(photo.record.id) for photo in self.photos], dtype=np.uint64)
        self._owners: dict[str, list[SitePhoto]] = {}
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
            self._with_tag.setdefault(folded_tag(tag), set()).add(place)
        for name in (record.owner, record.ownername):
            self._owners.setdefault(name, []).append(photo)

    def set_faults(self, faults: Faults) -> None:
        """Take over the faults that concern which photos there are."""
        self._faults = faults
        self._changes = Changes(faults)

    def search(self, params: Mapping[str, str]) -> Page:
        """Answer a search; raise ApiFault where the site would refuse it."""
        criteria = read_criteria(params)
        if criteria.user_id and criteria.user_id not in self._owners:
            raise ApiFault(2, "Unknown user")
        photos = [photo for photo in self._living(self._matching(criteria)) if _is_wanted(photo, criteria)]
        ranked = sorted(photos, key=_order(criteria), reverse=criteria.is_descending)
        return page_of(ranked, criteria, self._faults)

    def photo(self, photo_id: str) -> SitePhoto | None:
        """Return the photo as it is now, None where there is none (any more, or not yet)."""
        place = self._place.get(photo_id)
        return None if place is None else next(iter(self._living([place])), None)

    def absence(self, photo_id: str) -> Absence:
        """Say why there is no such photo: it never was or is not yet, it was deleted, or its owner hid it."""
        return self._changes.absence(number_of(photo_id), self.calls) if photo_id in self._place else "unknown"

    def owner(self, name: str) -> Owner | None:
        """Return the owner of this id, path alias or user name."""
        photos = self._owners.get(name)
        return owner_of(photos[0].record, photos) if photos else None

    def _living(self, places: Iterable[int]) -> Iterable[SitePhoto]:
        chosen = list(places)
        if not self._changes.are_any:
            return [self._seen(self.photos[place]) for place in chosen]
        fates = self._changes.fates(self._numbers[chosen], self.calls)
        return (
            self._seen(with_fate(self.photos[place], fates, i)) for i, place in enumerate(chosen) if fates.is_there[i]
        )

    def _seen(self, photo: SitePhoto) -> SitePhoto:
        return with_lacks(photo, self._faults)

    def _matching(self, criteria: Criteria) -> set[int]:
        if criteria.is_hopeless:
            return set()
        found = set(range(len(self.photos)))
        for term in criteria.terms:
            hits = self._with_term(term)
            found = found - hits if term.is_excluded else found & hits
        if criteria.tags:
            having: list[set[int]] = [self._with_tag.get(tag, set()) for tag in criteria.tags]
            found &= set[int].intersection(*having) if criteria.needs_all_tags else set[int]().union(*having)
        return found

    def _with_term(self, term: Term) -> set[int]:
        """Return the photos with these words side by side in one field, or run together as one tag."""
        candidates = set.intersection(*(self._with_word.get(word, set()) for word in term.words))
        phrase = f" {' '.join(term.words)} "
        return {place for place in candidates if phrase in self._texts[place]} | self._with_tag.get(
            "".join(term.words), set()
        )


def with_fate(photo: SitePhoto, fates: Fates, i: int) -> SitePhoto:
    """Return the photo after what has become of it: `fates` at place i."""
    if not fates.changed_at[i]:
        return photo
    moment, record = int(fates.changed_at[i]), photo.record
    if fates.is_new[i]:
        return replace(photo, record=replace(record, date_upload=moment))
    licence = str(fates.licence[i])
    return replace(photo, record=replace(record, license=licence), last_update=moment, first_licence=record.license)


def with_lacks(photo: SitePhoto, faults: Faults) -> SitePhoto:
    """Return the photo without what the faults take from it: larger sizes, the permission to download."""
    if faults.absent_sizes and share(faults.seed, "absent_sizes", photo.record.id) < faults.absent_sizes:
        photo = replace(photo, has_large_sizes=False)
    if faults.no_download and share(faults.seed, "no_download", photo.record.id) < faults.no_download:
        photo = replace(photo, can_download=False)
    return photo


def _is_wanted(photo: SitePhoto, criteria: Criteria) -> bool:
    record = photo.record
    return (
        (criteria.min_upload is None or record.date_upload >= criteria.min_upload)
        and (criteria.max_upload is None or record.date_upload <= criteria.max_upload)
        and (criteria.min_taken is None or record.date_taken >= criteria.min_taken)
        and (criteria.max_taken is None or record.date_taken <= criteria.max_taken)
        and (not criteria.licences or record.license in criteria.licences)
        and (not criteria.user_id or criteria.user_id in (record.owner, record.ownername))
    )


def _order(criteria: Criteria) -> Callable[[SitePhoto], Any]:
    """Return the key of a sort. The id decides between equals, so that pages never overlap."""
    if criteria.sort_by == "taken":
        return lambda photo: (photo.record.date_taken, photo.record.id)
    if criteria.sort_by == "interest":
        return lambda photo: (share(0, "interest", photo.record.id), photo.record.id)
    if criteria.sort_by == "relevance":  # words in the title first, then the newest
        wanted = {word for term in criteria.terms for word in term.words}
        return lambda photo: (
            len(wanted & set(words_of(photo.record.title))),
            photo.record.date_upload,
            photo.record.id,
        )
    return lambda photo: (photo.record.date_upload, photo.record.id)


def page_of(ranked: Sequence[SitePhoto], criteria: Criteria, faults: Faults) -> Page:
    """Return the page asked for, under the site's cap; raise ApiFault where the site would refuse it."""
    first, last, page = page_slice(len(ranked), criteria, faults)
    return replace(page, photos=ranked[first:last])


def page_slice(found: int, criteria: Criteria, faults: Faults) -> tuple[int, int, Page]:
    """Return where the page begins and ends among `found` results, and the page without its photos."""
    size, page = criteria.per_page, criteria.page
    most = MOST_RESULTS if faults.cap else found
    reachable = min(found, most)
    shown = page
    if found > most:
        # Past the cap the site goes on answering, with its last page again and `total` unchanged.
        if faults.offset_error and (page - 1) * size >= most:
            raise ApiFault(20, "Excessive photo offset in search")
        shown = min(page, -(-reachable // size))
    first = min((shown - 1) * size, reachable)
    return first, min(first + size, reachable), Page(page, -(-found // size), size, found, ())
