"""The only place where SQL becomes files: kept faces and their pairs, written as a folder in one of several formats."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import BadInputFile, DataFailed
from curation.export_settings import ExportSettings
from curation.export_sweep import sweep_folder
from curation.exports.others import write_layout
from curation.exports.packed import write_packed
from curation.exports.selection import asked_for, select_faces
from dataset.splits import parse_shares
from dataset.store import MANIFEST, is_dataset
from dataset.writers.export_folder import is_export, manifest_sha256, read_manifest
from db.dataset_exports import begin_export, forget_export, newest_tombstone, record_export
from db.pair_recount import renew_fingerprints


def export_dataset(engine: Engine, out: Path, *, data: Path, settings: ExportSettings) -> dict[str, Any]:
    """Write the folder `out` from the catalog and the crops below `data`; return its figures.

    A crop that cannot be read is a counted drop. Raises UnknownName for a site or pair set that is not there,
    NothingToDo with the missing step when no face is selected, DataFailed when none of the crops can be read,
    BadInputFile when `out` holds something else or an export in another format.
    """
    shares = parse_shares(settings.split)
    _check_format(out, settings)
    with engine.begin() as connection:
        renew_fingerprints(connection)  # of pair sets that a killed takedown left without
    with engine.connect() as connection:
        tombstone = newest_tombstone(connection)
        selection = select_faces(connection, settings, data=data)
    about = {
        "split": {"seed": settings.seed, "shares": asdict(shares)},
        "selection": asked_for(settings),
        "left_out": dict(selection.left_out),
        "rejected": dict(selection.rejected),
    }
    write = write_packed if settings.format == "packed" else write_layout
    with _recorded(engine, out):
        write(engine, out, selection, data=data, settings=settings, about=about)
    fingerprint = _settle(engine, out, tombstone)
    manifest = json.loads((out / MANIFEST).read_bytes())
    return {
        "folder": str(out),
        "format": settings.format,
        **manifest["counts"],
        **({"protocols": manifest["layout"]["protocols"]} if "protocols" in manifest.get("layout", {}) else {}),
        "ages": manifest["ages"],
        "left_out": manifest["left_out"],
        "pair_set": selection.pair_set.name if selection.pair_set else None,
        "dropped_crops": manifest["dropped_crops"],
        "manifest_sha256": fingerprint,
    }


def _check_format(out: Path, settings: ExportSettings) -> None:
    """Refuse to put one format in the place of another: whoever reads the folder would find what it does not know."""
    there = "packed" if is_dataset(out) else read_manifest(out)["layout"]["name"] if is_export(out) else None
    if there is not None and there != settings.format:
        raise BadInputFile(
            out, f"holds an export in the format {there}", f"name another folder for {settings.format}, or remove it"
        )


@contextmanager
def _recorded(engine: Engine, out: Path) -> Iterator[None]:
    """Have the catalog know the folder before it is there: a takedown must find it even when a kill comes next."""
    path = str(out.absolute())
    with engine.begin() as connection:
        begin_export(connection, path)
    try:
        yield
    except BaseException:
        if not out.exists():
            with engine.begin() as connection:
                forget_export(connection, path)
        raise


def _settle(engine: Engine, out: Path, tombstone: int) -> str:
    """Record the folder as it is now, less what was taken down while it was written; return its fingerprint."""
    with engine.connect() as connection:
        is_news = newest_tombstone(connection) != tombstone
    if is_news and sweep_folder(engine, out).state == "emptied":
        raise DataFailed(f"{out}: every face was taken down while the folder was written; choose others")
    counts = json.loads((out / MANIFEST).read_bytes())["counts"]
    fingerprint = manifest_sha256(out)
    with engine.begin() as connection:
        path = str(out.absolute())
        record_export(connection, path, manifest_sha256=fingerprint, face_count=counts["faces"])
    return fingerprint
