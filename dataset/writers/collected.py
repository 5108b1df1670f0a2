"""The rows of the faces of an export as columns: what is counted, paired and drawn from when all of them are there."""

from array import array
from collections import Counter

import numpy as np

from dataset.splits import SPLITS
from dataset.tables import NO_SUBJECT, NO_YEAR, FaceTable
from dataset.writers.rows import FaceRow

ADULT = 18


class CollectedRows:
    """Takes rows one by one; holds some 150 bytes of each."""

    def __init__(self) -> None:
        self.ages = Counter({"under_18": 0, "maybe_under_18": 0, "adult": 0, "unknown": 0})
        self.licence_terms: dict[str, dict[str, dict[str, str | None]]] = {}
        self._ids, self._subjects, self._splits = array("q"), array("i"), array("b")
        self._years, self._ages, self._age_stds, self._confidences = array("i"), array("f"), array("f"), array("f")
        self._sites: list[str] = []
        self._site_ids: list[str] = []
        self._licences: list[str | None] = []
        self._names: dict[str, int] = {}
        self._words: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, row: FaceRow) -> None:
        """Take one row."""
        self._ids.append(row.face_id)
        self._subjects.append(
            NO_SUBJECT if row.subject is None else self._names.setdefault(row.subject, len(self._names))
        )
        self._splits.append(int(SPLITS[row.split]))
        self._years.append(NO_YEAR if row.year is None else row.year)
        self._ages.append(np.nan if row.age is None else row.age)
        self._age_stds.append(np.nan if row.age_std is None else row.age_std)
        self._confidences.append(row.year_confidence)
        self._sites.append(self._words.setdefault(row.site, row.site))
        self._site_ids.append(row.site_id)
        self._licences.append(None if row.licence is None else self._words.setdefault(row.licence, row.licence))
        self.ages[age_class(row.age, row.age_min, row.age_max)] += 1
        self.add_terms(row)

    def add_terms(self, row: FaceRow) -> None:
        """Take the name and address of a row's licence alone."""
        if row.licence is not None:
            term = {"name": row.licence_name or row.licence, "url": row.licence_url}
            self.licence_terms.setdefault(row.site, {}).setdefault(row.licence, term)

    def sorted_terms(self) -> dict[str, dict[str, dict[str, str | None]]]:
        """Return name and url of each licence of each site, in order."""
        return {site: dict(sorted(terms.items())) for site, terms in sorted(self.licence_terms.items())}

    def table(self) -> FaceTable:
        """Return the rows as columns; subjects are numbered as they came."""
        return FaceTable(
            face_id=np.array(self._ids, np.int64),
            subject=np.array(self._subjects, np.int32),
            subject_names=tuple(self._names),
            split=np.array(self._splits, np.int8),
            age=np.array(self._ages, np.float32),
            year=np.array(self._years, np.int32),
            year_confidence=np.array(self._confidences, np.float32),
            site=tuple(self._sites),
            site_id=tuple(self._site_ids),
            licence=tuple(self._licences),
            age_std=np.array(self._age_stds, np.float32),
        )


def age_class(age: float | None, age_min: int | None, age_max: int | None) -> str:
    """Return `under_18`, `maybe_under_18`, `adult` or `unknown`, by the label first, then by the derived bounds."""
    low, high = (age_min, age_max) if age is None else (age, age)
    if low is None or high is None:
        return "unknown"
    if high < ADULT:
        return "under_18"
    return "maybe_under_18" if low < ADULT else "adult"
