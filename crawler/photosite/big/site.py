"""A synthetic site: searches are answered from columns, and only the photos of the page asked for are made."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crawler.photosite.big.columns import SHARED_EVERY, Columns, columns_of, joined
from crawler.photosite.big.files import HEIGHT, WIDTH, expected_bytes
from crawler.photosite.big.plan import Plan, name_of, photo_counts
from crawler.photosite.big.records import name_number_of_owner, owner_id, record_of
from crawler.photosite.chance import Numbers, mixed
from crawler.photosite.changes import Absence, Changes
from crawler.photosite.criteria import Criteria, read_criteria
from crawler.photosite.faults import Faults
from crawler.photosite.owners import Owner, owner_of
from crawler.photosite.photos import SitePhoto
from crawler.photosite.search import Page, page_slice, with_fate, with_lacks
from crawler.photosite.sizes import Extent
from crawler.photosite.tags import words_of

FIRST_ID = 40_000_000_000
_EXTENT = Extent(WIDTH, HEIGHT)
_KEPT_NAMES = 256
_INTEREST, _WRITTEN = 41, 42


class BigPhotos:
    """All photos of a synthetic site; nothing of them is held but columns of the names asked for last."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.calls = 0
        self.names = [name_of(number) for number in range(plan.names)]
        self._shown = [name.replace("_", " ") for name in self.names]
        counts = photo_counts(plan)
        self._ends = np.cumsum(counts)
        self._starts = self._ends - counts
        self.photo_count = int(self._ends[-1])
        self._number = {tuple(words_of(name)): number for number, name in enumerate(self.names)}
        self._by_tag = {"".join(words): number for words, number in self._number.items()}
        self.found_by = lru_cache(_KEPT_NAMES)(self._found_by)
        self.own = lru_cache(_KEPT_NAMES)(self._owned_columns)
        self.set_faults(Faults())

    def set_faults(self, faults: Faults) -> None:
        """Take over the faults that concern which photos there are."""
        self._faults = faults
        self._changes = Changes(faults)

    def owned(self, number: int) -> range:
        """Return the places, among all photos of the site, of those the name owns."""
        return range(int(self._starts[number]), int(self._ends[number]))

    def search(self, params: Mapping[str, str]) -> Page:
        """Answer a search; raise ApiFault where the site would refuse it."""
        criteria = read_criteria(params)
        found = self._narrowed(self._matching(criteria), criteria)
        ranked = found.take(self._order(found, criteria))
        first, last, page = page_slice(len(ranked), criteria, self._faults)
        return replace(page, photos=self._made(ranked.photo_id[first:last]))

    def photo(self, photo_id: str) -> SitePhoto | None:
        """Return the photo as it is now, None where there is none (any more, or not yet)."""
        if not self._is_ours(photo_id):
            return None
        return next(iter(self._made(np.array([int(photo_id)], np.uint64))), None)

    def absence(self, photo_id: str) -> Absence:
        """Say why there is no such photo: it never was or is not yet, it was deleted, or its owner hid it."""
        return self._changes.absence(int(photo_id), self.calls) if self._is_ours(photo_id) else "unknown"

    def _is_ours(self, photo_id: str) -> bool:
        is_number = photo_id.isascii() and photo_id.isdigit() and len(photo_id) < 19
        return is_number and 0 <= int(photo_id) - FIRST_ID < self.photo_count

    def owner(self, name: str) -> Owner | None:
        """Return the owner of this id."""
        photos = self._made(self._of_owner(name))
        return owner_of(photos[0].record, photos) if photos else None

    def _found_by(self, number: int) -> Columns:
        """Return the photos a name is found in: its own and those it shares, in order of upload."""
        own = self.own(number)
        if self.plan.names > 1:
            neighbour = self.own((number - 1) % self.plan.names)
            own = joined([own, neighbour.take(np.arange(SHARED_EVERY - 1, len(neighbour), SHARED_EVERY))])
        return own.take(np.lexsort((own.photo_id, own.date_upload)))

    def _owned_columns(self, number: int) -> Columns:
        places = self.owned(number)
        return columns_of(FIRST_ID + places.start, len(places), self.plan.seed)

    def _matching(self, criteria: Criteria) -> Columns:
        nothing = columns_of(FIRST_ID, 0, 0)
        wanted = [term.words for term in criteria.terms if not term.is_excluded]
        words = tuple(word for term in wanted for word in term)
        numbers = {self._by_tag.get(tag) for tag in criteria.tags} | ({self._number.get(words)} if words else set())
        if criteria.user_id and (number := name_number_of_owner(criteria.user_id)) is not None and not numbers:
            numbers = {number if 0 <= number < self.plan.names else None}
        if criteria.is_hopeless or len(numbers) != 1 or None in numbers:
            return nothing
        (number,) = numbers
        found = self.found_by(number or 0)
        if criteria.user_id:
            found = found.take(np.isin(found.photo_id, self._of_owner(criteria.user_id)))
        for term in criteria.terms:
            if term.is_excluded and (other := self._number.get(term.words)) is not None:
                found = found.take(~np.isin(found.photo_id, self.found_by(other).photo_id))
        return found

    def _of_owner(self, owner: str) -> Numbers:
        number = name_number_of_owner(owner)
        if number is None or not 0 <= number < self.plan.names:
            return np.empty(0, np.uint64)
        places = self.owned(number)
        ids = [FIRST_ID + place for place in places if owner_id(number, place - places.start) == owner]
        return np.array(ids, np.uint64)

    def _narrowed(self, found: Columns, criteria: Criteria) -> Columns:
        found = self._now(found)
        kept = np.ones(len(found), bool)
        if criteria.min_upload is not None:
            kept &= found.date_upload >= criteria.min_upload
        if criteria.max_upload is not None:
            kept &= found.date_upload <= criteria.max_upload
        if criteria.licences:
            numbers = [int(licence) for licence in criteria.licences if licence.isdigit()]
            kept &= np.isin(found.licence, numbers)
        if criteria.min_taken is not None or criteria.max_taken is not None:
            taken = self._taken(found)
            kept &= (taken >= (criteria.min_taken or "")) & (taken <= (criteria.max_taken or "9999"))
        return found if kept.all() else found.take(kept)

    def _now(self, found: Columns) -> Columns:
        """Return the columns as they are after so many calls."""
        if not self._changes.are_any:
            return found
        fates = self._changes.fates(found.photo_id, self.calls)
        changed = Columns(
            found.photo_id,
            np.where(fates.is_new, fates.changed_at, found.date_upload),
            np.where(fates.licence >= 0, fates.licence, found.licence),
        )
        return changed.take(fates.is_there)

    def _taken(self, found: Columns) -> NDArray[Any]:
        return np.array([photo.record.date_taken for photo in self._made(found.photo_id)], dtype="U19")

    def _order(self, found: Columns, criteria: Criteria) -> NDArray[np.intp]:
        """Return the places in the order asked for; the id decides between equals. Relevance is the newest first."""
        key: NDArray[Any] = found.date_upload
        if criteria.sort_by == "taken":
            key = self._taken(found)
        elif criteria.sort_by == "interest":
            key = mixed(found.photo_id, _INTEREST)
        order = np.lexsort((found.photo_id, key))
        return order[::-1] if criteria.is_descending else order

    def _made(self, photo_ids: Numbers) -> list[SitePhoto]:
        """Return those of the photos that are there now, as they are now."""
        numbers = np.searchsorted(self._ends, (photo_ids - np.uint64(FIRST_ID)).astype(np.int64), side="right")
        rows = zip(photo_ids.tolist(), numbers.tolist(), mixed(photo_ids, _WRITTEN).tolist(), strict=True)
        photos: Iterable[SitePhoto] = [self._photo(photo_id, number, bits) for photo_id, number, bits in rows]
        if self._changes.are_any:
            fates = self._changes.fates(photo_ids, self.calls)
            photos = (with_fate(photo, fates, i) for i, photo in enumerate(photos) if fates.is_there[i])
        if not (self._faults.absent_sizes or self._faults.no_download):
            return list(photos)
        return [with_lacks(photo, self._faults) for photo in photos]

    def _photo(self, photo_id: int, number: int, bits: int) -> SitePhoto:
        place = photo_id - FIRST_ID - int(self._starts[number])
        own = self.own(number)
        names = [self._shown[number]]
        if place % SHARED_EVERY == SHARED_EVERY - 1 and self.plan.names > 1:
            names.append(self._shown[(number + 1) % self.plan.names])
        record = record_of(
            photo_id,
            bits,
            date_upload=int(own.date_upload[place]),
            licence=int(own.licence[place]),
            owner=owner_id(number, place),
            names=tuple(names),
        )
        return SitePhoto(record, _EXTENT, "jpg", partial(expected_bytes, str(photo_id)), is_one_file=True)
