"""Who the subjects are: which of them are to be looked up, whom they may be, and when they were born.

That a subject has been looked up is a row of `query` (site "wikidata"), so that a run that was killed goes on, and a
subject nobody was found for is not looked up again. Every function works in the caller's transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import Connection, Table, delete, func, select, update

from db.models import PhotoSubject, Query, Subject, SubjectCandidate, TakenYear
from db.tombstones import buried_values
from db.upserts import BATCH_ROWS, insert_new

SITE = "wikidata"
KIND = "search"

LIFE_COLUMNS = tuple(
    f"{event}_{name}"
    for event in ("birth", "death")
    for name in ("date", "precision", "calendar", "year_min", "year_max")
)
"""Columns that `subject` and `subject_candidate` share."""

_subject, _query = cast(Table, Subject.__table__), cast(Table, Query.__table__)
_candidate, _year = cast(Table, SubjectCandidate.__table__), TakenYear.__table__
_link = PhotoSubject.__table__


@dataclass(frozen=True)
class Lookup:
    """A subject that is to be looked up; `query_id` is the row that says so."""

    query_id: int
    subject_id: int
    name: str
    display_name: str


@dataclass(frozen=True)
class FoundLife:
    """What was found out about a subject; `life` are the columns of LIFE_COLUMNS that are known."""

    entity_id: str
    commons_category: str | None = None
    life: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class LookupCounts:
    """Look-ups by state, and of the subjects that have been looked up: accepted, left open, nobody found."""

    states: Mapping[str, int]
    accepted: int
    left_open: int
    nobody: int


def subject_facts(connection: Connection, names: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Return by name the columns of `subject` that a site's queries can use, of the subjects that have any."""
    facts: dict[str, dict[str, Any]] = {}
    columns = (_subject.c.wikidata_id, _subject.c.commons_category)
    for start in range(0, len(names), BATCH_ROWS):
        some = names[start : start + BATCH_ROWS]
        for row in connection.execute(select(_subject.c.name, *columns).where(_subject.c.name.in_(some))).mappings():
            known = {column.name: row[column.name] for column in columns if row[column.name] is not None}
            if known:
                facts[row["name"]] = known
    return facts


def add_subjects(connection: Connection, names: Mapping[str, str]) -> None:
    """Create the subjects that do not exist yet; `names` maps a name to the name as it is shown.

    A subject under a tombstone is passed over.
    """
    now = datetime.now(UTC)
    buried = buried_values(connection, "subject", None, names)
    rows = [
        {"name": name, "display_name": shown, "created_at": now} for name, shown in names.items() if name not in buried
    ]
    insert_new(connection, _subject, rows)


def add_lookups(
    connection: Connection, *, asked_by: str, names: Sequence[str] | None = None, again: bool = False
) -> None:
    """Ask for the look-up of the subjects called `names`, or of all but those of public sets (`set/001`).

    Subjects that have been looked up are left as they are; with `again` they are looked up once more.
    """
    if names is None:
        wanted = select(_subject.c.id, _subject.c.display_name).where(_subject.c.name.not_like("%/%"))
        _add(connection, connection.execute(wanted).all(), asked_by=asked_by, again=again)
        return
    for start in range(0, len(names), BATCH_ROWS):
        some = names[start : start + BATCH_ROWS]
        wanted = select(_subject.c.id, _subject.c.display_name).where(_subject.c.name.in_(some))
        _add(connection, connection.execute(wanted).all(), asked_by=asked_by, again=again)


def revive_lookups(connection: Connection, *, asked_by: str, max_attempts: int) -> None:
    """Make failed look-ups pending again, unless they failed in `max_attempts` runs already."""
    connection.execute(
        update(_query)
        .where(*_asked(asked_by), _query.c.state == "failed", _query.c.attempts < max_attempts)
        .values(state="pending", error=None)
    )


def open_lookups(connection: Connection, *, asked_by: str, limit: int) -> list[Lookup]:
    """Return up to `limit` look-ups that are pending, the oldest first."""
    rows = connection.execute(
        select(_query.c.id, _query.c.subject_id, _subject.c.name, _subject.c.display_name)
        .join(_subject, _subject.c.id == _query.c.subject_id)
        .where(*_asked(asked_by), _query.c.state == "pending")
        .order_by(_query.c.id)
        .limit(limit)
    )
    return [Lookup(*row) for row in rows]


def photo_years(connection: Connection, subject_ids: Sequence[int]) -> dict[int, dict[int, int]]:
    """Return for each subject how many of its photos were taken in which year."""
    rows = connection.execute(
        select(_link.c.subject_id, _year.c.year, func.count())
        .join(_year, _year.c.photo_id == _link.c.photo_id)
        .where(_link.c.subject_id.in_(subject_ids), _year.c.year.is_not(None))
        .group_by(_link.c.subject_id, _year.c.year)
    )
    years: dict[int, dict[int, int]] = {}
    for subject_id, year, count in rows:
        years.setdefault(subject_id, {})[year] = count
    return years


def save_birth(
    connection: Connection, lookup: Lookup, candidates: Sequence[Mapping[str, Any]], found: FoundLife | None
) -> None:
    """Write what a look-up brought: everybody the subject may be, and who it is where that is clear.

    `candidates` are rows of `subject_candidate` less `subject_id` and `found_at`. Dates that came from elsewhere (a
    public set) stay where nothing was found; those of an earlier look-up do not.
    """
    now = datetime.now(UTC)
    connection.execute(
        update(_query)
        .where(_query.c.id == lookup.query_id)
        .values(state="done", total=len(candidates), photos_seen=0, error=None, updated_at=now)
    )
    connection.execute(delete(_candidate).where(_candidate.c.subject_id == lookup.subject_id))
    insert_new(
        connection, _candidate, [{**row, "subject_id": lookup.subject_id, "found_at": now} for row in candidates]
    )
    before = connection.execute(
        select(_subject.c.wikidata_id).where(_subject.c.id == lookup.subject_id)
    ).scalar_one_or_none()
    values: dict[str, Any] = dict.fromkeys(LIFE_COLUMNS) if before is not None else {}
    values |= {"wikidata_id": None, "commons_category": None} if before is not None else {}
    if found is not None:
        known = {name: value for name, value in found.life.items() if value is not None}
        # The columns of a birth belong together, and so do those of a death.
        for event in {name.split("_", 1)[0] for name in known}:
            values |= {name: found.life.get(name) for name in LIFE_COLUMNS if name.startswith(event)}
        values |= {"wikidata_id": found.entity_id, "commons_category": found.commons_category}
    if values:
        connection.execute(update(_subject).where(_subject.c.id == lookup.subject_id).values(**values))


def fail_lookup(connection: Connection, lookup: Lookup, error: str) -> None:
    """Mark a look-up as failed in this run, with what the site said."""
    connection.execute(
        update(_query)
        .where(_query.c.id == lookup.query_id)
        .values(state="failed", error=error, attempts=_query.c.attempts + 1, updated_at=datetime.now(UTC))
    )


def count_lookups(connection: Connection, *, asked_by: str) -> LookupCounts:
    """Return how far the look-ups are, and what they brought."""
    by_state = select(_query.c.state, func.count()).where(*_asked(asked_by)).group_by(_query.c.state)
    states: dict[str, int] = {row[0]: row[1] for row in connection.execute(by_state)}
    done = (*_asked(asked_by), _query.c.state == "done")
    counted = select(func.count()).select_from(_query).join(_subject, _subject.c.id == _query.c.subject_id).where(*done)
    has_candidate = select(_candidate.c.id).where(_candidate.c.subject_id == _subject.c.id).exists()
    accepted = connection.execute(counted.where(_subject.c.wikidata_id.is_not(None))).scalar_one()
    nobody = connection.execute(counted.where(_subject.c.wikidata_id.is_(None), ~has_candidate)).scalar_one()
    return LookupCounts(states, accepted, states.get("done", 0) - accepted - nobody, nobody)


def _add(connection: Connection, subjects: Sequence[Any], *, asked_by: str, again: bool) -> None:
    now = datetime.now(UTC)
    rows = [
        {
            "site": SITE,
            "subject_id": subject.id,
            "text": subject.display_name,
            "kind": KIND,
            "state": "pending",
            "photos_seen": 0,
            "photos_refused": 0,
            "attempts": 0,
            "asked_by": asked_by,
            "updated_at": now,
        }
        for subject in subjects
    ]
    insert_new(connection, _query, rows)
    values: dict[str, Any] = {"asked_by": asked_by, **({"state": "pending", "attempts": 0} if again else {})}
    ids = [subject.id for subject in subjects]
    for start in range(0, len(ids), BATCH_ROWS):
        some = ids[start : start + BATCH_ROWS]
        connection.execute(
            update(_query)
            .where(_query.c.site == SITE, _query.c.kind == KIND, _query.c.subject_id.in_(some))
            .values(**values)
        )


def _asked(asked_by: str) -> tuple[Any, ...]:
    return (_query.c.site == SITE, _query.c.kind == KIND, _query.c.asked_by == asked_by)
