"""Faces whose labels a model finds implausible: the list of `train clean-labels`, taken as findings and applied.

One JSON object a line (docs/audit.md): `face_id` and `reason`; `fix` is "drop" (the face; default) or "age" (its age
label alone); `crop_sha256`, where given, must be the face's, so that a list of another catalog does no harm.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from agegap.errors import BadInputFile, NothingToDo
from curation.audit.finding import Change, Finding
from curation.audit.fixes import FixTally, apply_fixes
from curation.audit.known import MODEL_REJECTS
from dataset.face.reasons import DropReason
from db.audits import OPEN, add_findings, findings_of, lock_findings
from db.faces_by_id import FaceLabels, face_labels
from db.upserts import slices

FIXES = ("drop", "age")


@dataclass
class RejectTally:
    """What became of the lines of a list."""

    lines: int = 0
    new: int = 0
    known: int = 0
    """Faces that an earlier list named already."""
    skipped: Counter[str] = field(default_factory=Counter)
    fixes: FixTally = field(default_factory=FixTally)

    def as_dict(self) -> dict[str, Any]:
        """Return the figures as they are printed."""
        skipped = dict(sorted(self.skipped.items()))
        return {"lines": self.lines, "new": self.new, "known": self.known, "skipped": skipped, **self.fixes.as_dict()}


def apply_rejects(engine: Engine, path: Path, *, dry_run: bool = False) -> RejectTally:
    """Store the lines of `path` as findings of `model_rejects` and apply them; with `dry_run` only store them.

    A line that cannot be used is counted by its reason. A face that was reverted or ignored stays so. Raises
    BadInputFile when the file cannot be read, NothingToDo when it holds no line.
    """
    tally = RejectTally()
    keys: list[str] = []
    for batch in slices(_lines(path, tally)):
        with engine.begin() as connection:
            lock_findings(connection)
            keys += _store(connection, batch, tally)
    if not tally.lines:
        raise NothingToDo(path, "holds no line", "give the list that `train clean-labels` wrote")
    if not dry_run:
        wanted = set(keys)
        with engine.connect() as connection:
            findings = findings_of(connection, MODEL_REJECTS)
        tally.fixes = apply_fixes(engine, [f for key, f in findings.items() if key in wanted and f.state == OPEN])
    return tally


def _lines(path: Path, tally: RejectTally) -> Iterator[Mapping[str, Any]]:
    try:
        with path.open(encoding="utf-8-sig") as lines:
            for line in lines:
                if not line.strip():
                    continue
                tally.lines += 1
                fields = _fields(line)
                if fields is None:
                    tally.skipped["bad_line"] += 1
                else:
                    yield fields
    except UnicodeDecodeError:
        raise BadInputFile(path, "is not UTF-8 text", "give the list that `train clean-labels` wrote") from None
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", "give a file you may read") from None


def _fields(line: str) -> Mapping[str, Any] | None:
    try:
        fields = json.loads(line, parse_constant=lambda _: None)  # NaN is no JSON, and a database refuses it
    except (ValueError, RecursionError):
        return None
    if not isinstance(fields, dict) or not isinstance(fields.get("reason"), str):
        return None
    face_id = fields.get("face_id")
    is_id = isinstance(face_id, int) and not isinstance(face_id, bool) and 0 < face_id < 2**63
    return fields if is_id and fields.get("fix", "drop") in FIXES else None


def _store(connection: Connection, batch: list[Mapping[str, Any]], tally: RejectTally) -> list[str]:
    """Store the lines of a batch that can be used; return the keys of their findings."""
    faces = face_labels(connection, [int(fields["face_id"]) for fields in batch])
    stored = findings_of(connection, MODEL_REJECTS)
    new: dict[str, Finding] = {}
    keys = []
    for fields in batch:
        key = f"face:{fields['face_id']}"
        face = faces.get(int(fields["face_id"]))
        if key in stored or key in new:
            tally.known += 1
            keys.append(key)
            continue
        fault = _fault(fields, face)
        if fault or face is None:
            tally.skipped[fault or "no_such_face"] += 1
            continue
        new[key] = _finding(key, fields, face)
        keys.append(key)
    add_findings(connection, MODEL_REJECTS, [finding.as_row() for finding in new.values()])
    tally.new += len(new)
    return keys


def _fault(fields: Mapping[str, Any], face: FaceLabels | None) -> str | None:
    if face is None:
        return "no_such_face"
    if fields.get("crop_sha256") not in (None, face.crop_sha256):
        return "another_crop"
    if fields.get("fix") == "age":
        return "no_age" if face.age_label is None else None
    return "dropped_already" if face.status != "kept" else None


def _finding(key: str, fields: Mapping[str, Any], face: FaceLabels) -> Finding:
    if fields.get("fix") == "age":
        change = Change("photo", face.photo_id, {"age_label": face.age_label}, {"age_label": None})
    else:
        new = {"status": "dropped", "drop_reason": str(DropReason.LABEL_REJECTED)}
        change = Change("face", face.id, {"status": "kept", "drop_reason": None}, new, face.photo_id)
    return Finding(
        key=key,
        words=str(fields["reason"]),
        subject_id=face.subject_id,
        photo_id=face.photo_id,
        face_id=face.id,
        rows={"line": dict(fields)},
        changes=[change],
    )
