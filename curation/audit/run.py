"""Running the checks over a catalog, and keeping the stored findings in step with what they find."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, Engine

from agegap.progress import track
from curation.audit.finding import Finding
from curation.audit.fixes import is_in_place
from curation.audit.known import IMAGE_CHECKS, LABEL_CHECKS, MODEL_REJECTS, NAMES
from curation.audit.same_pictures import same_pictures
from curation.audit.settings import AuditSettings
from db.audit_labels import LabelledPhoto, labelled_photos, pictured_faces
from db.audits import (
    APPLIED,
    OPEN,
    STATES,
    StoredFinding,
    add_findings,
    count_findings,
    delete_findings,
    findings_of,
    lock_findings,
    update_finding,
)


@dataclass
class AuditTally:
    """What a run changed among the stored findings."""

    new: int = 0
    resolved: int = 0
    """Open ones that are true no more."""
    reopened: int = 0
    """Applied ones whose old values came back: an import or a new scan wrote them."""


def run_audit(engine: Engine, checks: Sequence[str], settings: AuditSettings) -> AuditTally:
    """Run `checks` and store what they find; a second run over the same catalog changes nothing.

    Findings keep their row number and what was decided about them. Memory grows with the findings, not the photos.
    """
    settings.window_years()  # a misspelt window is told before anything is read
    found: dict[str, dict[str, Finding]] = {check: {} for check in checks}
    with engine.connect() as connection:
        for check, finding in _find(connection, checks, settings):
            found[check][finding.key] = finding
    tally = AuditTally()
    for check, findings in found.items():
        with engine.begin() as connection:
            lock_findings(connection)
            _store(connection, check, findings, tally)
    with engine.begin() as connection:
        _reopen_rejects(connection, tally)
    return tally


def audit_table(connection: Connection) -> dict[str, dict[str, int]]:
    """Return the counts of stored findings by check and state, a check without any included."""
    counts = count_findings(connection)
    names = [*NAMES, *sorted(set(counts) - set(NAMES))]
    return {name: counts.get(name, dict.fromkeys(STATES, 0)) for name in names}


def _find(connection: Connection, checks: Sequence[str], settings: AuditSettings) -> Iterator[tuple[str, Finding]]:
    of_labels = {name: LABEL_CHECKS[name] for name in checks if name in LABEL_CHECKS}
    if of_labels:
        for photos in _by_subject(track(labelled_photos(connection), label="audit", unit="photo")):
            for name, check_labels in of_labels.items():
                yield from ((name, finding) for finding in check_labels(photos, settings))
    of_images = {name: IMAGE_CHECKS[name] for name in checks if name in IMAGE_CHECKS}
    if of_images:
        faces = pictured_faces(connection)
        groups = same_pictures(faces, near_bits=settings.near_bits)
        for name, check_images in of_images.items():
            yield from ((name, finding) for finding in check_images(faces, groups, settings))


def _by_subject(photos: Iterable[LabelledPhoto]) -> Iterator[list[LabelledPhoto]]:
    """Yield the photos of one subject together, and each that nobody names alone."""
    for subject_id, group in groupby(photos, key=lambda photo: photo.subject_id):
        if subject_id is None:
            yield from ([photo] for photo in group)
        else:
            yield list(group)


def _store(connection: Connection, check: str, found: Mapping[str, Finding], tally: AuditTally) -> None:
    stored = findings_of(connection, check)
    add_findings(connection, check, [finding.as_row() for key, finding in found.items() if key not in stored])
    tally.new += len(found.keys() - stored.keys())
    gone = [old.id for key, old in stored.items() if key not in found and old.state != APPLIED]
    delete_findings(connection, gone)
    tally.resolved += len(gone)
    for key in found.keys() & stored.keys():
        _update(connection, stored[key], found[key].as_row(), tally)


def _update(connection: Connection, old: StoredFinding, row: Mapping[str, Any], tally: AuditTally) -> None:
    state = old.state
    if state == APPLIED:
        if is_in_place(connection, old.fix):
            return
        state = OPEN
        tally.reopened += 1
    elif (_plain(old.detail), _plain(old.fix)) == (_plain(row["detail"]), _plain(row["fix"])):
        return
    update_finding(connection, old.id, state=state, fix=row["fix"], detail=row["detail"])


def _reopen_rejects(connection: Connection, tally: AuditTally) -> None:
    """Open the findings of models again whose faces were judged anew since: no check would find them."""
    for old in findings_of(connection, MODEL_REJECTS).values():
        if old.state == APPLIED and not is_in_place(connection, old.fix):
            update_finding(connection, old.id, state=OPEN, fix=old.fix)
            tally.reopened += 1


def _plain(value: object) -> object:
    """Return a value as JSON gives it back."""
    return json.loads(json.dumps(value))
