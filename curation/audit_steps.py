"""What `curate audit` does: run, decide about findings, list them."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Engine

from agegap.errors import NothingToDo, UnknownName
from curation.audit.fixes import apply_fixes, revert_fixes
from curation.audit.known import MODEL_REJECTS, NAMES
from curation.audit.run import audit_table, run_audit
from curation.audit.settings import AuditSettings
from db.audits import (
    APPLIED,
    IGNORED,
    OPEN,
    REVERTED,
    StoredFinding,
    find_findings,
    lock_findings,
    subject_names,
    update_finding,
)

_CHECKS = (*NAMES, MODEL_REJECTS)


def audit_catalog(engine: Engine, checks: Sequence[str], settings: AuditSettings) -> dict[str, Any]:
    """Run the checks and return the table of counts."""
    tally = run_audit(engine, checks, settings)
    return {**asdict(tally), **_table(engine)}


def decide(
    engine: Engine, *, applied: Sequence[str] = (), reverted: Sequence[str] = (), ignored: Sequence[str] = ()
) -> dict[str, Any]:
    """Apply, revert and ignore findings by check or row number; return what became of them and the table of counts.

    Raises UnknownName for a check there is none of, NothingToDo where no finding is in the state that is asked for.
    """
    to_revert = _chosen(engine, reverted, (APPLIED,), "applied")
    to_apply = _chosen(engine, applied, (OPEN, REVERTED), "open")
    to_ignore = _chosen(engine, ignored, (OPEN, REVERTED), "open")
    done: dict[str, int] = {}
    if to_revert:
        done |= revert_fixes(engine, to_revert).as_dict()
    if to_apply:
        done |= apply_fixes(engine, to_apply).as_dict()
    if to_ignore:
        with engine.begin() as connection:
            lock_findings(connection)
            for finding in to_ignore:
                update_finding(connection, finding.id, state=IGNORED, fix=finding.fix)
        done["ignored"] = len(to_ignore)
    return {"done": done, **_table(engine)}


def list_findings(engine: Engine, checks: Sequence[str] | None, *, as_json: bool) -> Iterator[str]:
    """Yield a line for each stored finding: number, check, state, whom it is about, what is doubted."""
    with engine.connect() as connection:
        for check in checks or _CHECKS:
            findings = find_findings(connection, check_name=check)
            names = subject_names(connection, [f.subject_id for f in findings if f.subject_id is not None])
            for finding in findings:
                name = names.get(finding.subject_id or 0)
                yield _json_line(finding, name) if as_json else _line(finding, name)


def _table(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        table = audit_table(connection)
    return {"open": sum(counts[OPEN] for counts in table.values()), "checks": table}


def _chosen(engine: Engine, wanted: Sequence[str], states: Sequence[str], called: str) -> list[StoredFinding]:
    found: dict[int, StoredFinding] = {}
    with engine.connect() as connection:
        for word in wanted:
            if word.isdecimal():
                of_word = find_findings(connection, finding_id=int(word))
            elif word in _CHECKS:
                of_word = find_findings(connection, check_name=word)
            else:
                raise UnknownName("check", word, _CHECKS)
            ready = [finding for finding in of_word if finding.state in states]
            if not ready:
                remedy = "run `curate audit --list` to see what there is"
                raise NothingToDo(f"audit finding '{word}'", f"there is no {called} one", remedy)
            found |= {finding.id: finding for finding in ready}
    return list(found.values())


def _line(finding: StoredFinding, name: str | None) -> str:
    of_photo = f"photo {finding.photo_id}" if finding.photo_id else ""
    who = ", ".join(part for part in (name, of_photo) if part)
    fixable = "" if finding.fix else " (no fix)"
    words = finding.detail.get("words", "")
    return f"{finding.id}  {finding.check_name}  {finding.state}{fixable}  {who}{': ' if who else ''}{words}"


def _json_line(finding: StoredFinding, name: str | None) -> str:
    return json.dumps({**asdict(finding), "subject": name}, ensure_ascii=False, default=str)
