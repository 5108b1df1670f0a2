"""The only place where SQL becomes files: kept faces and their pairs, written as a dataset folder."""

import logging
from collections import Counter
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine

from agegap.errors import DataFailed, NothingToDo, UnknownName, WrongUse
from agegap.progress import track
from curation.export_manifest import describe
from curation.export_settings import ExportSettings
from curation.export_tables import face_table, pair_table
from dataset.face.reasons import DropReason
from dataset.images import ImageRefused, read_crop
from dataset.splits import parse_shares
from dataset.store import DatasetWriter, open_dataset, writing_dataset
from dataset.tables import no_pairs
from db.exports import KeptFace, load_kept_faces, site_names
from db.pairs import PairSetRow, find_pair_set, load_pairs, pair_set_names
from db.statistics import missing_step

DEFAULT_PAIRS = "default"

log = logging.getLogger(__name__)


def export_dataset(engine: Engine, out: Path, *, data: Path, settings: ExportSettings) -> dict[str, Any]:
    """Write the dataset folder `out` from the catalog and the crops below `data`; return its figures.

    A crop that cannot be read is a counted drop. Raises UnknownName for a site or pair set that is not there,
    NothingToDo with the missing step when no face is selected, DataFailed when none of the crops can be read,
    BadInputFile when `out` holds something else.
    """
    shares = parse_shares(settings.split)
    with engine.connect() as connection:
        faces = _select_faces(connection, settings)
        pair_set = _find_pairs(connection, settings)
        pairs = load_pairs(connection, pair_set.id) if pair_set else None
    template = _only_template(faces)
    with writing_dataset(out) as writer:
        kept, dropped = _write_crops(writer, faces, data)
        if not kept:
            raise DataFailed(f"{data}: none of the {len(faces)} crops can be read; run `curate faces` again")
        rows = face_table(kept, shares=shares, settings=settings)
        joined = pair_table(kept, rows, pairs) if pairs is not None else no_pairs()
        manifest = describe(rows, joined, kept, pair_set=pair_set, template=template)
        manifest["split"] = {"seed": settings.seed, "shares": asdict(shares)}
        manifest["selection"] = _selection(settings)
        manifest["dropped_crops"] = dict(sorted(dropped.items()))
        writer.finish(rows, joined, manifest=manifest)
    written = open_dataset(out)
    return {
        "folder": str(out),
        **manifest["counts"],
        "pair_set": pair_set.name if pair_set else None,
        "dropped_crops": manifest["dropped_crops"],
        "manifest_sha256": written.manifest_sha256,
    }


def _select_faces(connection: Connection, settings: ExportSettings) -> list[KeptFace]:
    known = site_names(connection)
    for site in settings.site:
        if known and site not in known:
            raise UnknownName("site", site, known)
    faces = load_kept_faces(connection, sites=settings.site, labelled_only=settings.labelled_only)
    if not faces:
        raise NothingToDo("export", *_what_is_missing(connection, settings))
    return faces


def _what_is_missing(connection: Connection, settings: ExportSettings) -> tuple[str, str]:
    if load_kept_faces(connection, sites=(), labelled_only=False):
        what = "with an age " if settings.labelled_only else ""
        return f"no kept face {what}of {', '.join(settings.site) or 'any site'}", "select others, or run `curate faces`"
    return missing_step(connection)


def _find_pairs(connection: Connection, settings: ExportSettings) -> PairSetRow | None:
    if settings.no_pairs:
        return None
    found = find_pair_set(connection, settings.pairs or DEFAULT_PAIRS)
    if found is None:
        if settings.pairs is not None:
            known = pair_set_names(connection)
            if known:
                raise UnknownName("pair set", settings.pairs, known)
            raise NothingToDo("export", f"there is no pair set '{settings.pairs}'", "run `curate build-pairs` first")
        log.warning("no pairs yet: `curate build-pairs` makes them; the faces are written without")
        return None
    if found.found < found.pair_count:
        lost = found.pair_count - found.found
        log.warning(
            "%d pairs of '%s' went with faces found anew since; run `curate build-pairs` again", lost, found.name
        )
    return found


def _only_template(faces: list[KeptFace]) -> str:
    templates = Counter(face.crop_template or "unknown" for face in faces)
    if len(templates) > 1:
        parts = " and ".join(f"{count} of template '{name}'" for name, count in sorted(templates.items()))
        raise WrongUse(f"export: {parts} in one dataset; select with --site, or run `curate faces` with one template")
    return next(iter(templates))


def _write_crops(
    writer: DatasetWriter, faces: list[KeptFace], data: Path
) -> tuple[list[KeptFace], Counter[DropReason]]:
    kept: list[KeptFace] = []
    dropped: Counter[DropReason] = Counter()
    for face in track(faces, label="export", unit="face"):
        if face.crop_path is None:
            dropped[DropReason.MISSING] += 1
            continue
        try:
            crop = read_crop(data / face.crop_path)
        except ImageRefused as refused:
            dropped[refused.reason] += 1
            continue
        writer.add(crop)
        kept.append(face)
    return kept, dropped


def _selection(settings: ExportSettings) -> dict[str, Any]:
    chosen = asdict(settings)
    return {name: chosen[name] for name in ("site", "labelled_only", "hide_ages", "min_year_confidence")}
