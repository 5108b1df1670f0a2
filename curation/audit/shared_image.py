"""One picture under two people: at most one of the names is right."""

from collections.abc import Iterator, Sequence

from curation.audit.finding import Change, Finding
from curation.audit.settings import AuditSettings
from dataset.face.reasons import DropReason
from db.audit_labels import PicturedFaces


def check_shared_image(
    faces: PicturedFaces, groups: Sequence[Sequence[int]], _settings: AuditSettings
) -> Iterator[Finding]:
    """Yield a finding for each picture that is filed under several subjects; the fix drops all its faces.

    `groups` are those of `same_pictures`. Faces that nobody names are no contradiction and stay.
    """
    for group in groups:
        named = [row for row in group if faces.subject_id[row]]
        subjects = sorted({int(faces.subject_id[row]) for row in named})
        if len(subjects) < 2:
            continue
        yield Finding(
            key=f"face:{faces.face_id[named[0]]}",
            words=f"one picture under {len(subjects)} people, {len(named)} times",
            rows={"subject_ids": subjects, "photos": [_row(faces, row) for row in named]},
            changes=[_drop(int(faces.face_id[row]), int(faces.photo_id[row])) for row in named],
        )


def _row(faces: PicturedFaces, row: int) -> dict[str, int]:
    columns = {"photo_id": faces.photo_id, "face_id": faces.face_id, "subject_id": faces.subject_id}
    return {name: int(column[row]) for name, column in columns.items()}


def _drop(face_id: int, photo_id: int) -> Change:
    old = {"status": "kept", "drop_reason": None}
    return Change("face", face_id, old, {"status": "dropped", "drop_reason": str(DropReason.SHARED_IMAGE)}, photo_id)
