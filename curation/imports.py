"""A set on disk into the catalog: photos stay where they are, labels and subjects become rows."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from agegap.errors import NothingToDo, WrongUse
from agegap.progress import track
from curation.import_rows import MAX_NAME, catalog_id, photo_row, shown_name, year_row
from dataset.sources.known import find_source, guess_kind, read_source
from dataset.sources.records import Item, Skipped, SkipReason, SourceRecord
from db.photo_sets import (
    KnownPhoto,
    drop_imported_years,
    forget_scans,
    is_crawled_site,
    known_photos,
    save_photos,
    save_subjects,
    set_subjects,
)
from db.set_births import save_set_births
from db.taken_years import save_taken_years
from db.tombstones import buried_among, buried_values

BATCH = 500
SHOWN_SKIPS = 5
"""Skipped files that are told one by one; the others are counted."""

TAKEN_DOWN = "taken_down"
"""Why a photo under a tombstone is skipped."""

_MAX_SITE = 32  # a column of the catalog
_SITE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,31}")
log = logging.getLogger(__name__)


@dataclass
class ImportTally:
    """What an import did."""

    site: str
    new: int = 0
    known: int = 0
    with_age: int = 0
    with_taken_year: int = 0
    flagged: int = 0
    subjects: set[str] = field(default_factory=set)
    skipped: Counter[str] = field(default_factory=Counter)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as they are printed."""
        return {
            "site": self.site,
            "photos": self.new + self.known,
            "new": self.new,
            "known": self.known,
            "subjects": len(self.subjects),
            "with_age": self.with_age,
            "with_taken_year": self.with_taken_year,
            "flagged": self.flagged,
            "skipped": dict(sorted(self.skipped.items())),
        }


def import_set(engine: Engine, kind: str, path: Path, *, name: str | None = None) -> ImportTally:
    """Bring the set of layout `kind` at `path` into the catalog as site `name` (default: see `site_name`).

    Every batch is one transaction and every write is an upsert: an import that was killed is simply run again.
    Raises UnknownName, BadInputFile, WrongUse for a name that is taken, NothingToDo when no file can be used.
    """
    items = read_source(kind, path)
    tally = ImportTally(site=site_name(kind, path, name))
    with engine.connect() as connection:
        if is_crawled_site(connection, tally.site):
            raise WrongUse(f"the site '{tally.site}' is filled by a crawl; give the set another name with --name")
    for batch in _batches(_usable(track(items, label=f"import {kind}", unit="file"), tally)):
        with engine.begin() as connection:
            _store(connection, batch, kind, tally)
    if not tally.new + tally.known:
        raise _nothing(kind, path, tally)
    return tally


def site_name(kind: str, path: Path, name: str | None) -> str:
    """Return the catalog's name of the set: `name`, else the public set's, else the folder's own name."""
    if name is None and find_source(kind).is_public_set:
        return kind
    site = re.sub(r"[^A-Za-z0-9._-]+", "-", path.resolve().name).strip("-._")[:_MAX_SITE] if name is None else name
    if not _SITE.fullmatch(site):
        raise WrongUse(
            f"'{site}' cannot name a set: give --name with up to {_MAX_SITE} letters, digits, '.', '_' or '-'"
        )
    return site


def subject_name(kind: str, site: str, subject: str) -> str:
    """Return the catalog's name of a subject: fgnet/001 for one of a set's own, Ada_Lovelace for a name.

    Two sets that number the same people (IMDB-WIKI and IMDB-CLEAN) share them, unless --name keeps a set apart.
    """
    source = find_source(kind)
    if source.has_names:
        return "_".join(subject.split())
    people_of = source.people_of if source.people_of and site == kind else site
    return f"{people_of}/{subject}"


def _usable(items: Iterator[Item], tally: ImportTally) -> Iterator[SourceRecord]:
    for item in items:
        if isinstance(item, SourceRecord) and len(item.subject or "") <= MAX_NAME - _MAX_SITE - 1:
            yield item
            continue
        skip = item if isinstance(item, Skipped) else _long_name(item)
        tally.skipped[skip.reason] += 1
        if tally.skipped.total() <= SHOWN_SKIPS:
            log.warning("skipped: %s %s", skip.where, skip.detail)


def _long_name(record: SourceRecord) -> Skipped:
    return Skipped(record.path.name, SkipReason.BAD_RECORD, "has a subject whose name is too long")


def _batches(records: Iterator[SourceRecord]) -> Iterator[list[SourceRecord]]:
    while batch := list(islice(records, BATCH)):
        yield batch


def _store(connection: Connection, batch: Sequence[SourceRecord], kind: str, tally: ImportTally) -> None:
    batch = _without_buried(connection, batch, kind, tally)
    if not batch:
        return
    rows = {catalog_id(record): photo_row(record, tally.site) for record in batch}
    known = known_photos(connection, tally.site, list(rows))
    _refuse_other_folder(rows, known, tally.site)
    ids = save_photos(connection, tally.site, list(rows.values()))
    names = _save_people(connection, batch, ids, kind, tally.site)
    dated = {ids[catalog_id(record)]: record for record in batch if record.taken_year is not None}
    years = {photo: year_row(photo, record) for photo, record in dated.items()}
    save_taken_years(connection, list(years.values()))
    drop_imported_years(connection, [photo for photo in ids.values() if photo not in years])
    forget_scans(connection, [old.id for site_id, old in known.items() if _has_changed(old, rows[site_id])])
    tally.new += len(rows) - len(known)
    tally.known += len(known)
    tally.with_age += sum(record.age is not None for record in batch)
    tally.with_taken_year += len(years)
    tally.flagged += sum(bool(record.flags) for record in batch)
    tally.subjects.update(names)


def _save_people(
    connection: Connection, batch: Sequence[SourceRecord], ids: Mapping[str, int], kind: str, site: str
) -> set[str]:
    """Write whom the photos of `batch` show, and what the set tells of these people; return their names."""
    names, shown, births = dict[int, str](), dict[str, str](), dict[str, str]()
    for record in batch:
        if record.subject:
            name = names[ids[catalog_id(record)]] = subject_name(kind, site, record.subject)
            shown.setdefault(name, shown_name(record, name))
            if record.birth:
                births.setdefault(name, record.birth)
    subjects = save_subjects(connection, shown)
    set_subjects(connection, list(ids.values()), {photo: subjects[name] for photo, name in names.items()})
    save_set_births(connection, {subjects[name]: birth for name, birth in births.items()})
    return set(names.values())


def _without_buried(
    connection: Connection, batch: Sequence[SourceRecord], kind: str, tally: ImportTally
) -> list[SourceRecord]:
    """Return the records that no takedown forbids, and count the others."""
    told = [{"site_id": catalog_id(record), "owner_id": record.texts.get("owner_id")} for record in batch]
    photos = buried_among(connection, tally.site, told)
    names = [subject_name(kind, tally.site, record.subject) if record.subject else "" for record in batch]
    subjects = buried_values(connection, "subject", None, names)
    kept = [
        record
        for record, name in zip(batch, names, strict=True)
        if catalog_id(record) not in photos and name not in subjects
    ]
    if len(kept) < len(batch):
        tally.skipped[TAKEN_DOWN] += len(batch) - len(kept)
    return kept


def _refuse_other_folder(rows: dict[str, dict[str, Any]], known: dict[str, KnownPhoto], site: str) -> None:
    """Raise WrongUse when a photo of this site lies elsewhere too: two folders of one name must not mix."""
    for site_id, old in known.items():
        new = rows[site_id]["path"]
        if old.path and old.path != new and Path(old.path).exists():
            raise WrongUse(
                f"the site '{site}' already holds {site_id} as {old.path}, not {new}; give this set its own --name"
            )


def _has_changed(old: KnownPhoto, row: dict[str, Any]) -> bool:
    return (old.age_label, old.byte_count) != (row["age_label"], row["byte_count"])


def _nothing(kind: str, path: Path, tally: ImportTally) -> NothingToDo:
    likely = guess_kind(path)
    remedy = (
        f"it looks like {likely}: run `curate import {likely} {path}`"
        if likely and likely != kind
        else f"its files must be named so: {find_source(kind).names}"
    )
    skipped = ", ".join(f"{count} {reason}" for reason, count in tally.skipped.most_common())
    return NothingToDo(
        path, f"holds no photo of a set '{kind}'" + (f" (skipped: {skipped})" if skipped else ""), remedy
    )
