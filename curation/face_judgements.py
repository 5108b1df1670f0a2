"""The judgement on a photo's faces as rows; and judging stored faces anew when thresholds or subjects changed."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine

from curation.face_scan import ScanResult
from dataset.face.judge import FaceScores, judge_faces, main_index, photo_reason
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings
from db.faces import (
    PhotoToScan,
    age_labels,
    photos_to_judge,
    save_judgements,
    stored_faces,
    subjects_of,
)

_BATCH = 500


@dataclass(frozen=True)
class Judgement:
    """What the rule says of one photo."""

    columns: list[dict[str, Any]]
    """status, drop_reason, subject_id and age of each face."""
    drop_reason: DropReason | None
    """Of the photo; None when a face is kept."""


def judge_photo(
    faces: Sequence[FaceScores], settings: FaceSettings, *, subject_ids: Collection[int], age_label: float | None
) -> Judgement:
    """Judge the faces of one photo. Only the main face is the subject's, and only where there is one subject."""
    reasons = judge_faces(faces, settings, subject_count=len(subject_ids))
    main = main_index(faces, settings)
    subject_id = next(iter(subject_ids)) if len(subject_ids) == 1 else None
    columns = [
        {
            "status": "kept" if reason is None else "dropped",
            "drop_reason": reason,
            "subject_id": subject_id if index == main else None,
            "age": age_label if index == main else None,
        }
        for index, reason in enumerate(reasons)
    ]
    return Judgement(columns, photo_reason(reasons))


def scan_rows(
    photo: PhotoToScan, result: ScanResult, settings: FaceSettings
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the row of `face_scan` and the rows of `face` of a photo that was looked at."""
    scores = [
        FaceScores(face["detection_score"], face["eye_distance"], face["blur"], face["yaw"]) for face in result.faces
    ]
    judged = judge_photo(scores, settings, subject_ids=photo.subjects, age_label=photo.age_label)
    faces = [
        {"photo_id": photo.id, **face, **columns} for face, columns in zip(result.faces, judged.columns, strict=True)
    ]
    scan = {
        "photo_id": photo.id,
        "recipe": settings.recipe,
        "face_count": len(faces),
        "drop_reason": result.drop_reason or judged.drop_reason,
        "scanned_at": datetime.now(UTC),
    }
    return scan, faces


def judge_again(engine: Engine, settings: FaceSettings) -> int:
    """Judge the stored faces whose thresholds or subjects are not the present ones; return of how many photos."""
    with engine.connect() as connection:
        photo_ids = photos_to_judge(connection, scan_recipe=settings.scan_recipe, recipe=settings.recipe)
    for start in range(0, len(photo_ids), _BATCH):
        with engine.begin() as connection:
            _judge_batch(connection, photo_ids[start : start + _BATCH], settings)
    return len(photo_ids)


def _judge_batch(connection: Connection, photo_ids: Sequence[int], settings: FaceSettings) -> None:
    subjects = subjects_of(connection, photo_ids)
    ages = age_labels(connection, photo_ids)
    faces: list[dict[str, Any]] = []
    scans: list[dict[str, Any]] = []
    for photo_id, stored in stored_faces(connection, photo_ids).items():
        scores = [FaceScores(face.detection_score, face.eye_distance, face.blur, face.yaw) for face in stored]
        judged = judge_photo(scores, settings, subject_ids=subjects.get(photo_id, {}), age_label=ages[photo_id])
        faces += [{"id": face.id, **columns} for face, columns in zip(stored, judged.columns, strict=True)]
        scans.append({"photo_id": photo_id, "recipe": settings.recipe, "drop_reason": judged.drop_reason})
    with_faces = {scan["photo_id"] for scan in scans}
    # A photo in which nothing was found keeps its reason: thresholds do not touch it.
    without = [{"photo_id": photo, "recipe": settings.recipe} for photo in photo_ids if photo not in with_faces]
    save_judgements(connection, faces=faces, scans=scans, faceless_scans=without)
