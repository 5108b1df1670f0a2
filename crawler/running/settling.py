"""What became of a batch of images, written in one transaction; the same bytes are kept once.

A file whose content is catalogued already is removed before the transaction commits: a kill in between leaves its row
open, and the image is fetched again. The other order would leave a file that no row knows.
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection

from db.image_frontier import PhotoOutcome, existing_photos, paths_in_use, photos_by_sha256, settle_photos
from db.tombstones import buried_values
from db.waiting import settle_in_turn

BURIED = "its content was taken down"


def settle(
    connection: Connection, outcomes: Sequence[PhotoOutcome], *, worker_id: int, data: Path
) -> list[PhotoOutcome]:
    """Write `outcomes`, copies turned into references to the first file; return them as they were written.

    Files of copies, and of content under a tombstone, are removed from below `data`.
    """
    settle_in_turn(connection, worker_id)
    digests = sorted({outcome.sha256 for outcome in outcomes if outcome.state == "done" and outcome.sha256})
    first = photos_by_sha256(connection, digests) if digests else {}
    buried = buried_values(connection, "sha256", None, digests)
    # In the order of their ids: of two copies in a batch the older photo keeps its file.
    ordered = sorted(outcomes, key=lambda outcome: outcome.photo_id)
    written = [_without_copy(outcome, first, buried, data) for outcome in ordered]
    if settle_photos(connection, written, worker_id=worker_id) < len(written):
        _remove_files_of_nobody(connection, written, data)
    return written


def _remove_files_of_nobody(connection: Connection, outcomes: Sequence[PhotoOutcome], data: Path) -> None:
    """Remove the files of photos whose rows were taken down while their images were on the way."""
    kept = {outcome.photo_id: outcome.path for outcome in outcomes if outcome.state == "done" and outcome.path}
    rows = existing_photos(connection, list(kept))
    gone = {path for photo_id, path in kept.items() if photo_id not in rows}
    for path in gone - paths_in_use(connection, gone):
        (data / path).unlink(missing_ok=True)


def without_lost_files(outcomes: Sequence[PhotoOutcome], data: Path) -> list[PhotoOutcome]:
    """Return `outcomes` with those put back whose file is no more: its first copy was taken down while they settled."""
    return [
        PhotoOutcome(photo_id=outcome.photo_id, state="pending", path=outcome.path)
        if outcome.state == "done" and outcome.path is not None and not (data / outcome.path).exists()
        else outcome
        for outcome in outcomes
    ]


def _without_copy(
    outcome: PhotoOutcome, first: dict[str, tuple[int, str]], buried: set[str], data: Path
) -> PhotoOutcome:
    if outcome.state != "done" or outcome.sha256 is None or outcome.path is None:
        return outcome
    if outcome.sha256 in buried:
        (data / outcome.path).unlink(missing_ok=True)
        return PhotoOutcome(photo_id=outcome.photo_id, state="gone", path=None, error=BURIED)
    photo_id, path = first.setdefault(outcome.sha256, (outcome.photo_id, outcome.path))
    if photo_id == outcome.photo_id:
        return outcome
    if path != outcome.path:
        (data / outcome.path).unlink(missing_ok=True)
    return replace(outcome, path=path, duplicate_of=photo_id)
