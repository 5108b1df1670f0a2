"""The native folder (`dataset/store.py`) with what every export has beside it: dataset card, Croissant, credits."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import DataFailed
from agegap.files import sha256_of_file, write_json, write_text
from curation.export_manifest import describe
from curation.export_settings import ExportSettings
from curation.export_tables import face_table, pair_table
from curation.exports.crops import CropReader
from curation.exports.rows import RowMaker
from curation.exports.selection import Selection
from dataset.store import MANIFEST, open_dataset, writing_dataset
from dataset.tables import no_pairs
from dataset.writers.attribution import ATTRIBUTION, AttributionWriter, keep_credits
from dataset.writers.card import CARD, card_of
from dataset.writers.collected import CollectedRows
from dataset.writers.croissant import CROISSANT, croissant_of

DOCUMENTS = (CARD, CROISSANT, ATTRIBUTION)
"""What stands beside the dataset for its readers; `train` does not need it."""


def write_packed(
    engine: Engine,
    out: Path,
    selection: Selection,
    *,
    data: Path,
    settings: ExportSettings,
    about: Mapping[str, Any],
) -> None:
    """Write the dataset folder; raise DataFailed when none of the crops can be read."""
    crops = CropReader(data)
    with writing_dataset(out) as writer:
        for _, _, crop in crops.read(selection.faces):
            writer.add(crop)
        if not crops.kept:
            raise DataFailed(f"{data}: none of the {len(selection.faces)} crops can be read; run `curate faces` again")
        faces = face_table(crops.kept, selection.splits, settings=settings)
        pairs = pair_table(crops.kept, faces, selection.pairs) if selection.pairs is not None else no_pairs()
        terms = CollectedRows()
        with AttributionWriter(writer.folder) as credited:
            for row in RowMaker(engine, selection.splits, settings=settings).rows(crops.kept):
                credited.add(row)
                terms.add_terms(row)
        manifest = {
            **describe(faces, pairs, pair_set=selection.pair_set, template=selection.template),
            **about,
            "dropped_crops": crops.dropped_by_reason(),
            "ages": dict(selection.ages),
            "licence_terms": terms.sorted_terms(),
            "credits": asdict(credited.counts),
        }
        writer.finish(faces, pairs, manifest=manifest)
        _document(writer.folder)


def renew_documents(folder: Path) -> str:
    """Write what stands beside a purged dataset anew, without the credits of faces that went; return its fingerprint.

    A dataset of an older program, which has no documents, stays as it is. To be called after each purge: it completes
    what a killed one left.
    """
    dataset = open_dataset(folder)
    if "documents" not in dataset.manifest:
        return dataset.manifest_sha256
    keep_credits(folder, frozenset(dataset.faces.face_id.tolist()))
    return _document(folder)


def _document(folder: Path) -> str:
    """Write card and Croissant from the manifest, and the hashes of all documents into it; return its fingerprint."""
    path = folder / MANIFEST
    manifest = json.loads(path.read_bytes())
    shown = {**manifest, "layout": {"name": "packed"}}
    write_text(folder / CARD, card_of(shown))
    write_json(folder / CROISSANT, croissant_of(folder, shown))
    documents = {
        name: {"sha256": sha256_of_file(folder / name), "bytes": (folder / name).stat().st_size} for name in DOCUMENTS
    }
    if manifest.get("documents") != documents:
        write_json(path, {**manifest, "documents": documents})
    return hashlib.sha256(path.read_bytes()).hexdigest()
