"""Applying what a finding proposes, and taking it back: old values are kept beside the new ones."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, Engine

from db.audit_fixes import faces_of_age, look_again, read_values, write_values
from db.audits import APPLIED, OPEN, REVERTED, StoredFinding, find_findings, lock_findings, update_finding

Fix = Mapping[str, Any]
_BATCH = 200


@dataclass
class FixTally:
    """What became of the findings that were to be applied or reverted."""

    applied: int = 0
    reverted: int = 0
    without_fix: int = 0
    """Only a person can mend them."""
    changed_meanwhile: int = 0
    """A value is another one than when the audit saw it: run the audit again."""
    values: int = 0
    """Rows that were written."""
    values_left: int = 0
    """Rows that somebody changed since the fix, and that were not taken back."""

    def as_dict(self) -> dict[str, int]:
        """Return the figures that are not zero."""
        return {name: value for name, value in asdict(self).items() if value}


def apply_fixes(engine: Engine, findings: Sequence[StoredFinding]) -> FixTally:
    """Apply the fixes of open and reverted findings, each whole or not at all."""
    tally = FixTally()
    for start in range(0, len(findings), _BATCH):
        with engine.begin() as connection:
            lock_findings(connection)
            for finding in _as_now(connection, findings[start : start + _BATCH]):
                if finding.state in (OPEN, REVERTED):
                    _apply(connection, finding, tally)
    return tally


def revert_fixes(engine: Engine, findings: Sequence[StoredFinding]) -> FixTally:
    """Give the rows that applied findings changed their old values; rows that changed since are left as they are."""
    tally = FixTally()
    for start in range(0, len(findings), _BATCH):
        with engine.begin() as connection:
            lock_findings(connection)
            for finding in _as_now(connection, findings[start : start + _BATCH]):
                if finding.state == APPLIED:
                    _revert(connection, finding, tally)
    return tally


def is_in_place(connection: Connection, fix: Fix | None) -> bool:
    """Return whether all rows of an applied fix that are there still have its values."""
    for change in _changes(fix):
        values = read_values(connection, change["table"], change["id"], list(change["new"]))
        if values is not None and values != change["new"]:
            return False
    return True


def _as_now(connection: Connection, findings: Sequence[StoredFinding]) -> list[StoredFinding]:
    """Return the findings as they are now: another audit may have written since they were read."""
    return [now for finding in findings for now in find_findings(connection, finding_id=finding.id)]


def _apply(connection: Connection, finding: StoredFinding, tally: FixTally) -> None:
    if finding.fix is None:
        tally.without_fix += 1
        return
    changes = [dict(change) for change in _changes(finding.fix)]
    for change in changes:
        now = read_values(connection, change["table"], change["id"], sorted({*change["old"], *change["new"]}))
        if now is None or any(now[name] != value for name, value in change["old"].items()):
            tally.changed_meanwhile += 1
            return
        change["old"] = {name: now[name] for name in change["new"]}
    changes += [follower for change in changes for follower in _followers(connection, change)]
    for change in changes:
        write_values(connection, change["table"], change["id"], change["new"])
    update_finding(connection, finding.id, state=APPLIED, fix={"changes": changes})
    tally.applied += 1
    tally.values += len(changes)


def _followers(connection: Connection, change: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the changes of the faces that carry the age label of a photo."""
    old = change["old"].get("age_label")
    if change["table"] != "photo" or "age_label" not in change["new"] or old is None:
        return []
    new, photo_id = change["new"]["age_label"], change["id"]
    return [
        {"table": "face", "id": face_id, "old": {"age": old}, "new": {"age": new}, "photo_id": photo_id}
        for face_id in faces_of_age(connection, photo_id, old)
    ]


def _revert(connection: Connection, finding: StoredFinding, tally: FixTally) -> None:
    changes = _changes(finding.fix)
    for change in changes:
        now = read_values(connection, change["table"], change["id"], list(change["new"]))
        if now == change["new"]:
            write_values(connection, change["table"], change["id"], change["old"])
            tally.values += 1
            continue
        tally.values_left += 1
        if now is None and "photo_id" in change:  # the face was found anew since: its label must follow the photo's
            look_again(connection, [change["photo_id"]])
    # The changes of faces follow from those of photos; the next `apply` finds them again.
    own = [change for change in changes if not (change["table"] == "face" and set(change["new"]) == {"age"})]
    update_finding(connection, finding.id, state=REVERTED, fix={"changes": own})
    tally.reverted += 1


def _changes(fix: Fix | None) -> Sequence[Mapping[str, Any]]:
    return fix["changes"] if fix else ()
