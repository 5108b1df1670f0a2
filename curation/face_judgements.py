"""The judgement on a photo's faces as rows; and judging stored faces anew when thresholds or subjects changed."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from curation.face_scan import ScanResult
from curation.face_subjects import likeliest_faces
from dataset.face.judge import FaceScores, judge_faces, main_index, photo_reason
from dataset.face.reasons import JUDGED_REASONS, DropReason
from dataset.face.recipes import Thresholds, recipe_mark
from dataset.face.settings import FaceSettings
from db.faces import (
    PhotoToScan,
    StoredFace,
    age_labels,
    photos_to_judge,
    save_judgements,
    stored_faces,
    subjects_of,
)

BATCH = 500
"""Photos judged in one transaction."""
_SCORES = tuple(field.name for field in fields(FaceScores))


@dataclass(frozen=True)
class Judgement:
    """What the rule says of one photo."""

    columns: list[dict[str, Any]]
    """status, drop_reason, subject_id and age of each face."""
    drop_reason: str | None
    """Of the photo; None when a face is kept."""


def judge_photo(
    faces: Sequence[FaceScores],
    thresholds: Thresholds,
    *,
    subject_ids: Collection[int],
    age_label: float | None,
    main: int | None = None,
    stored: Sequence[StoredFace] = (),
) -> Judgement:
    """Judge the faces of one photo. Only the main face is the subject's, and only where there is one subject.

    What somebody else dropped (an impostor, a duplicate) stays dropped, as long as it is filed under the same subject.
    """
    if main is None:
        main = main_index(faces, thresholds)
    reasons: list[str | None] = [*judge_faces(faces, thresholds, subject_count=len(subject_ids), main=main)]
    subject_id = next(iter(subject_ids)) if len(subject_ids) == 1 else None
    owners = [subject_id if index == main else None for index in range(len(faces))]
    for index, face in enumerate(stored):
        is_held = face.drop_reason is not None and face.drop_reason not in JUDGED_REASONS
        if is_held and face.subject_id == owners[index] and reasons[index] is not DropReason.SEVERAL_SUBJECTS:
            reasons[index] = face.drop_reason
    columns = [
        {
            "status": "kept" if reason is None else "dropped",
            "drop_reason": reason,
            "subject_id": owner,
            "age": age_label if index == main else None,
        }
        for index, (reason, owner) in enumerate(zip(reasons, owners, strict=True))
    ]
    return Judgement(columns, photo_reason(reasons))


def scan_rows(
    photo: PhotoToScan, result: ScanResult, settings: FaceSettings, thresholds: Thresholds
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the row of `face_scan` and the rows of `face` of a photo that was looked at."""
    scores = [FaceScores(**{name: face[name] for name in _SCORES}) for face in result.faces]
    judged = judge_photo(scores, thresholds, subject_ids=photo.subjects, age_label=photo.age_label)
    faces = [
        {"photo_id": photo.id, **face, **columns} for face, columns in zip(result.faces, judged.columns, strict=True)
    ]
    scan = {
        "photo_id": photo.id,
        "recipe": recipe_mark(settings, thresholds),
        "face_count": len(faces),
        "drop_reason": result.drop_reason or judged.drop_reason,
        "scanned_at": datetime.now(UTC),
    }
    return scan, faces


def judge_again(engine: Engine, settings: FaceSettings, thresholds: Thresholds) -> int:
    """Judge the stored faces whose thresholds or subjects are not the present ones; return of how many photos."""
    mark = recipe_mark(settings, thresholds)
    with engine.connect() as connection:
        photo_ids = photos_to_judge(connection, scan_recipe=settings.scan_recipe, recipe=mark)
    for start in range(0, len(photo_ids), BATCH):
        marks = dict.fromkeys(photo_ids[start : start + BATCH], mark)
        with engine.begin() as connection:
            write_judged(connection, judge_stored(connection, marks, settings, thresholds), marks)
    return len(photo_ids)


@dataclass(frozen=True)
class Judged:
    """Photos judged anew: their faces as stored, and what the rule says now."""

    faces: dict[int, list[StoredFace]]
    judgements: dict[int, Judgement]


def judge_stored(
    connection: Connection, photo_ids: Collection[int], settings: FaceSettings, thresholds: Thresholds
) -> Judged:
    """Judge the stored faces of the photos; writes nothing."""
    wanted = list(photo_ids)
    subjects, ages = subjects_of(connection, wanted), age_labels(connection, wanted)
    faces = stored_faces(connection, wanted)
    main: dict[int, int] = {}
    if settings.main_face == "subject":
        main = likeliest_faces(connection, faces, subjects, min_score=thresholds.min_score)
    judgements = {
        photo_id: judge_photo(
            [_scores(face) for face in stored],
            thresholds,
            subject_ids=subjects.get(photo_id, {}),
            age_label=ages[photo_id],
            main=main.get(photo_id),
            stored=stored,
        )
        for photo_id, stored in faces.items()
    }
    return Judged(faces, judgements)


def write_judged(connection: Connection, judged: Judged, marks: Mapping[int, str]) -> None:
    """Write judgements; `marks` are the recipes of all photos that were looked through, with and without faces."""
    faces = [
        {"id": face.id, **columns}
        for photo_id, stored in judged.faces.items()
        for face, columns in zip(stored, judged.judgements[photo_id].columns, strict=True)
    ]
    scans = [
        {"photo_id": photo_id, "recipe": marks[photo_id], "drop_reason": judgement.drop_reason}
        for photo_id, judgement in judged.judgements.items()
    ]
    # A photo in which nothing was found keeps its reason: thresholds do not touch it.
    without = [
        {"photo_id": photo_id, "recipe": mark} for photo_id, mark in marks.items() if photo_id not in judged.faces
    ]
    save_judgements(connection, faces=faces, scans=scans, faceless_scans=without)


def _scores(face: StoredFace) -> FaceScores:
    return FaceScores(**{name: getattr(face, name) for name in _SCORES})
