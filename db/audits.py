"""The findings of audits: stored once each, brought up to date by the next run, counted."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, text, update

from db.models import AuditFinding, Subject
from db.upserts import Row, slices

_finding, _subject = AuditFinding.__table__, Subject.__table__

OPEN, APPLIED, REVERTED, IGNORED = "open", "applied", "reverted", "ignored"
STATES = (OPEN, APPLIED, REVERTED, IGNORED)


@dataclass(frozen=True)
class StoredFinding:
    """A finding as the catalog has it."""

    id: int
    check_name: str
    subject_id: int | None
    photo_id: int | None
    face_id: int | None
    detail: Mapping[str, Any]
    fix: Mapping[str, Any] | None
    state: str


_COLUMNS = [_finding.c[name] for name in StoredFinding.__dataclass_fields__]


def lock_findings(connection: Connection) -> None:
    """Let one audit at a time write findings: there is no unique key that would keep two from storing one twice.

    Held until the transaction ends. On SQLite the first write does the same, and this one changes nothing.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(text("lock table audit_finding in share row exclusive mode"))
    else:
        connection.execute(delete(AuditFinding).where(_finding.c.id < 0))


def findings_of(connection: Connection, check_name: str) -> dict[str, StoredFinding]:
    """Return the findings of a check by their keys (`detail.key`)."""
    found = _select(connection, _finding.c.check_name == check_name)
    return {str(finding.detail["key"]): finding for finding in found}


def find_findings(
    connection: Connection, *, check_name: str | None = None, finding_id: int | None = None, state: str | None = None
) -> list[StoredFinding]:
    """Return the findings of a check, or the one with this row number, in order; only those in `state` if given."""
    wanted = []
    if check_name is not None:
        wanted.append(_finding.c.check_name == check_name)
    if finding_id is not None:
        wanted.append(_finding.c.id == finding_id)
    if state is not None:
        wanted.append(_finding.c.state == state)
    return list(_select(connection, *wanted))


def subject_names(connection: Connection, ids: Sequence[int]) -> dict[int, str]:
    """Return the names of the subjects."""
    names: dict[int, str] = {}
    for some in slices(sorted(set(ids))):
        names |= {row.id: row.name for row in connection.execute(_name_query(some))}
    return names


def add_findings(connection: Connection, check_name: str, rows: Sequence[Row]) -> None:
    """Store new findings (subject_id, photo_id, face_id, detail, fix) as open ones."""
    now = datetime.now(UTC)
    if rows:
        new = [{**row, "check_name": check_name, "state": OPEN, "created_at": now} for row in rows]
        connection.execute(insert(AuditFinding), new)


def update_finding(
    connection: Connection,
    finding_id: int,
    *,
    state: str,
    fix: Mapping[str, Any] | None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Write a finding's state and fix, and its detail where one is given."""
    values: dict[str, Any] = {"state": state, "fix": fix, "changed_at": datetime.now(UTC)}
    if detail is not None:
        values["detail"] = detail
    connection.execute(update(AuditFinding).where(_finding.c.id == finding_id).values(**values))


def delete_findings(connection: Connection, ids: Sequence[int]) -> None:
    """Forget findings that are true no more."""
    for some in slices(ids):
        connection.execute(delete(AuditFinding).where(_finding.c.id.in_(some)))


def count_findings(connection: Connection) -> dict[str, dict[str, int]]:
    """Return how many findings each check has, by state."""
    statement = select(_finding.c.check_name, _finding.c.state, func.count()).group_by(
        _finding.c.check_name, _finding.c.state
    )
    counts: dict[str, dict[str, int]] = {}
    for check_name, state, count in connection.execute(statement):
        counts.setdefault(check_name, dict.fromkeys(STATES, 0))[state] = count
    return counts


def _select(connection: Connection, *wanted: Any) -> Iterator[StoredFinding]:
    rows = connection.execute(select(*_COLUMNS).where(*wanted).order_by(_finding.c.check_name, _finding.c.id))
    return (StoredFinding(**row) for row in rows.mappings())


def _name_query(ids: Sequence[int]) -> Any:
    return select(_subject.c.id, _subject.c.name).where(_subject.c.id.in_(ids))
