"""Exports in the layouts of other people's tools: the crop files as they are, with a row each."""

import itertools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Engine

import agegap
from agegap.errors import DataFailed, WrongUse
from curation.export_manifest import describe_pairs
from curation.export_settings import MEGABYTE, ExportSettings
from curation.export_tables import pair_table
from curation.exports.crops import CropReader
from curation.exports.rows import RowMaker
from curation.exports.selection import Selection
from dataset.tables import CROP_SIZE, no_pairs
from dataset.writers.export_folder import writing_export
from dataset.writers.face_pairs import by_face_id
from dataset.writers.layout import LayoutOptions
from dataset.writers.layouts import LAYOUTS
from dataset.writers.rows import ExportedFace
from db.upserts import BATCH_ROWS


def write_layout(
    engine: Engine,
    out: Path,
    selection: Selection,
    *,
    data: Path,
    settings: ExportSettings,
    about: Mapping[str, Any],
) -> None:
    """Write the folder of `settings.format`; pictures are in memory a batch at a time.

    Raises DataFailed when none of the crops can be read, WrongUse when no face has a place in the layout.
    """
    layout = LAYOUTS[settings.format]
    left_out = dict(about["left_out"])
    faces = selection.faces
    if not layout.has_strangers:
        faces = [face for face in faces if face.subject is not None]
        if not faces:
            raise WrongUse(f"export: {layout.name} is of people, and no face has a subject; choose another format")
        if len(faces) < len(selection.faces):
            left_out["of_nobody"] = len(selection.faces) - len(faces)
    crops = CropReader(data)
    maker = RowMaker(engine, selection.splits, settings=settings)
    options = LayoutOptions(shard_bytes=max(1, round(settings.shard_mb * MEGABYTE)), seed=settings.seed)
    with writing_export(out, layout, options) as writer:
        read = crops.read(faces)
        while batch := list(itertools.islice(read, BATCH_ROWS)):
            rows = maker.rows([face for face, _, _ in batch])
            for row, (_, jpeg, _) in zip(rows, batch, strict=True):
                writer.add(ExportedFace(row, jpeg))
        if not crops.kept:
            raise DataFailed(f"{data}: none of the {len(faces)} crops can be read; run `curate faces` again")
        table = writer.rows.table()
        pairs = pair_table(crops.kept, table, selection.pairs) if selection.pairs is not None else no_pairs()
        manifest = {
            "created_by": f"agegap {agegap.__version__}",
            "crop": {"size": CROP_SIZE, "template": selection.template},
            "pairs": describe_pairs(selection.pair_set),
            **about,
            "left_out": left_out,
            "dropped_crops": crops.dropped_by_reason(),
        }
        writer.finish(by_face_id(pairs, np.asarray(table.face_id)), manifest=manifest)
