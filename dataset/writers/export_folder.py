"""The folder around a layout: manifest, hashes, dataset card, Croissant, credits; written as a whole or not at all.

`manifest.json` names the layout and has the figures; `SHA256SUMS` has a line a file (`sha256sum -c SHA256SUMS` checks
it) and its own hash is in the manifest, so that the hash of the manifest names every byte. It holds no times and no
paths: the same faces give the same bytes.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from agegap.files import sha256_of_file, write_json, write_text
from agegap.folders import replaced_folder
from dataset.counts import count_licences, count_rows
from dataset.tables import PairTable, fault_of
from dataset.writers.attribution import ATTRIBUTION, AttributionWriter
from dataset.writers.card import CARD, card_of
from dataset.writers.collected import CollectedRows
from dataset.writers.croissant import CROISSANT, croissant_of
from dataset.writers.face_pairs import PAIRS_FILE, by_face_id, by_row, write_face_pairs
from dataset.writers.layout import Layout, LayoutOptions
from dataset.writers.layouts import LAYOUTS
from dataset.writers.rows import ExportedFace

FORMAT = "agegap-export"
VERSION = 1
MANIFEST, CHECKSUMS = "manifest.json", "SHA256SUMS"

OWN_FILES = (MANIFEST, CHECKSUMS, PAIRS_FILE, ATTRIBUTION, CARD, CROISSANT)
"""What every export has at the top of its folder, besides what its layout makes."""

_REMEDY = "write it again with `curate export`"


class ExportWriter:
    """Fills the folder of an export face by face, in bounded memory but for the columns; made by `writing_export`."""

    def __init__(self, folder: Path, layout: Layout, options: LayoutOptions, credited: AttributionWriter) -> None:
        self.folder, self.rows = folder, CollectedRows()
        self._layout, self._options, self._credits = layout, options, credited
        self._writer = layout.writer(folder, options)

    def add(self, face: ExportedFace) -> None:
        """Write one face with its credit."""
        self._writer.add(face)
        self._credits.add(face.row)
        self.rows.add(face.row)

    def finish(self, pairs: PairTable, *, manifest: Mapping[str, Any]) -> None:
        """Write everything that needs all faces; pairs of faces that were not added are left out.

        `manifest` adds to what is counted here. Raises ValueError when faces and pairs make no sense together.
        """
        faces = self.rows.table()
        by_rows = by_row(pairs, faces.face_id)
        if fault := fault_of(faces, by_rows):
            raise ValueError(fault)
        pairs = by_face_id(by_rows, faces.face_id)
        write_face_pairs(self.folder, pairs)
        figures = self._writer.finish(faces, pairs)
        self._credits.close()
        whole = {
            **manifest,
            "format": FORMAT,
            "version": VERSION,
            "layout": {"name": self._layout.name, "options": asdict(self._options), **figures},
            "counts": count_rows(faces, by_rows),
            "licences": count_licences(faces),
            "licence_terms": self.rows.sorted_terms(),
            "ages": dict(self.rows.ages),
            "credits": asdict(self._credits.counts),
        }
        write_text(self.folder / CARD, card_of(whole))
        write_json(self.folder / CROISSANT, croissant_of(self.folder, whole))
        write_json(self.folder / MANIFEST, {**whole, "checksums": _write_checksums(self.folder)})


@contextmanager
def writing_export(folder: Path, layout: Layout, options: LayoutOptions) -> Iterator[ExportWriter]:
    """Yield a writer; `folder` appears, in the place of an older export, when the block ends after `finish`.

    Raises BadInputFile when `folder` holds something that is not such an export.
    """
    with replaced_folder(folder, is_ours=is_export) as part, AttributionWriter(part) as credited:
        yield ExportWriter(part, layout, options, credited)


def is_export(folder: Path) -> bool:
    """Say whether `folder` has the manifest of an export, of whatever layout and version."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return the manifest of an export; raise BadInputFile when this program cannot read such a one."""
    path = folder / MANIFEST
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise BadInputFile(folder, "is not an export of faces", "name a folder that `curate export` wrote") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadInputFile(folder, "is not an export of faces", "name a folder that `curate export` wrote")
    if manifest.get("version") != VERSION:
        raise BadInputFile(path, f"is of version {manifest.get('version')}, this program reads {VERSION}", _REMEDY)
    if not isinstance(manifest.get("layout"), dict) or manifest["layout"].get("name") not in LAYOUTS:
        raise BadInputFile(path, "names no layout that is known here", _REMEDY)
    return manifest


def manifest_sha256(folder: Path) -> str:
    """Return the hash that names an export."""
    return sha256_of_file(folder / MANIFEST)


def verify_export(folder: Path) -> None:
    """Compare every file with its hash; raise BadInputFile for the first one that differs or is missing."""
    manifest = read_manifest(folder)
    sums = folder / CHECKSUMS
    if not sums.is_file() or sha256_of_file(sums) != manifest["checksums"]["sha256"]:
        raise BadInputFile(sums, "is missing or damaged (its sha256 is not the manifest's)", _REMEDY)
    with sums.open(encoding="utf-8") as lines:
        for line in lines:
            expected, _, name = line.rstrip("\n").partition("  ")
            path = folder / name
            if not path.is_file() or sha256_of_file(path) != expected:
                raise BadInputFile(path, f"is missing or damaged (its sha256 is not that of {CHECKSUMS})", _REMEDY)


def _write_checksums(folder: Path) -> dict[str, Any]:
    digest = hashlib.sha256()
    count = byte_count = 0
    with (folder / CHECKSUMS).open("wb") as handle:
        for path in _files(folder):
            line = f"{sha256_of_file(path)}  {path.relative_to(folder).as_posix()}\n".encode()
            handle.write(line)
            digest.update(line)
            count, byte_count = count + 1, byte_count + path.stat().st_size
    return {"file": CHECKSUMS, "sha256": digest.hexdigest(), "files": count, "bytes": byte_count}


def _files(folder: Path) -> Iterator[Path]:
    """Yield every file below `folder` but the checksums, one folder's names in memory at a time."""
    entries = sorted(folder.iterdir(), key=lambda path: path.name)
    for path in entries:
        if path.is_dir():
            yield from _files(path)
        elif path.name not in (CHECKSUMS, MANIFEST):
            yield path
