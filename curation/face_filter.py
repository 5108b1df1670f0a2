"""`curate filter`: the stored faces judged by another recipe, without looking at any photo."""

from collections import Counter
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import NothingToDo, UnknownName
from agegap.progress import track
from curation.face_judgements import BATCH, Judged, judge_stored, write_judged
from curation.face_lock import only_one
from curation.face_paths import FOLDER
from dataset.face.recipes import Thresholds, recipe_mark
from dataset.face.settings import FaceSettings
from db.faces import count_photos, fetched_sites, scanned_photos

KEPT = "kept"


def filter_faces(
    engine: Engine,
    *,
    data: Path,
    settings: FaceSettings,
    thresholds: Thresholds,
    site: str | None = None,
    dry_run: bool = False,
) -> dict[str, Any]:
    """Judge all stored faces by `thresholds`; return what moved and why. With `dry_run` nothing is written.

    Holds BATCH photos at a time, each batch a transaction: killed, the same command goes on. What others dropped (an
    impostor, a duplicate) stays dropped. Raises NothingToDo for a catalog without scanned photos.
    """
    with engine.connect() as connection:
        counts = count_photos(connection, site=site)
        sites = fetched_sites(connection)
    total = sum(counts.values())
    if not total and site is not None and site not in sites:
        raise UnknownName("site", site, sites)
    if not total:
        raise NothingToDo("catalog", "holds no photos that were looked at", "run `curate faces` first")
    if dry_run:
        moves, faces = _run(engine, settings, thresholds, site=site, total=total, is_dry=True)
    else:
        with only_one(data / FOLDER):
            moves, faces = _run(engine, settings, thresholds, site=site, total=total, is_dry=False)
    before = sum(count for (old, _), count in faces.items() if old == KEPT)
    now = sum(count for (_, new), count in faces.items() if new == KEPT)
    return {
        "recipe": settings.recipe,
        "dry_run": dry_run,
        "photos": total,
        "faces": sum(faces.values()),
        "kept_before": before,
        "kept_now": now,
        "moved": {f"{old} -> {new}": count for (old, new), count in sorted(moves.items())},
    }


def _run(
    engine: Engine, settings: FaceSettings, thresholds: Thresholds, *, site: str | None, total: int, is_dry: bool
) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    """Return how many faces went from which verdict to which: those that moved, and all."""
    mark = recipe_mark(settings, thresholds).partition("#")[2]
    everything: Counter[tuple[str, str]] = Counter()
    batches = track(_pages(engine, site), label="filter", total=-(-total // BATCH), unit="batch")
    for page in batches:
        marks = {photo_id: f"{recipe.partition('#')[0]}#{mark}" for photo_id, recipe in page.items()}
        with engine.connect() if is_dry else engine.begin() as connection:
            judged = judge_stored(connection, marks, settings, thresholds)
            everything.update(_verdicts(judged))
            if not is_dry:
                write_judged(connection, judged, marks)
    return Counter({move: count for move, count in everything.items() if move[0] != move[1]}), everything


def _pages(engine: Engine, site: str | None) -> Any:
    after_id = 0
    while True:
        with engine.connect() as connection:
            page = scanned_photos(connection, site=site, after_id=after_id, limit=BATCH)
        if not page:
            return
        yield page
        after_id = max(page)


def _verdicts(judged: Judged) -> Counter[tuple[str, str]]:
    return Counter(
        (face.drop_reason or KEPT, str(columns["drop_reason"] or KEPT))
        for photo_id, stored in judged.faces.items()
        for face, columns in zip(stored, judged.judgements[photo_id].columns, strict=True)
    )
