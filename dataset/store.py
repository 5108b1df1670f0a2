"""The dataset folder: one memory-mapped array of faces, its index, its pairs and a manifest with hashes.

Written by `curation/export.py`, read by `train`; ARCHITECTURE.md has the contract. The folder is filled under a
temporary name and takes its place when complete. The same content gives the same bytes, so `manifest_sha256` names it.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from agegap.files import sha256_of_file, write_json
from agegap.folders import replaced_folder
from dataset.parquet import read_faces, read_pairs, write_faces, write_pairs
from dataset.tables import CROP_SIZE, FaceTable, PairTable, fault_of

FORMAT = "agegap-dataset"
VERSION = 1
MANIFEST, CROPS, INDEX, PAIRS = "manifest.json", "faces.npy", "index.parquet", "pairs.parquet"

_REMEDY = "write it again with `curate export`"
_CROP_SHAPE = (CROP_SIZE, CROP_SIZE, 3)

Crop = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Dataset:
    """An open dataset folder; `crops` is a read-only memory map, uint8 RGB (N, 128, 128, 3)."""

    folder: Path
    crops: Crop
    faces: FaceTable
    pairs: PairTable
    manifest: dict[str, Any]
    manifest_sha256: str


class DatasetWriter:
    """Fills a folder crop by crop, in bounded memory; made by `writing_dataset`."""

    def __init__(self, folder: Path, crops: IO[bytes]) -> None:
        self.folder, self.count = folder, 0
        self._crops = crops
        self._write_header()

    def add(self, crop: Crop) -> None:
        """Append one crop, uint8 RGB (128, 128, 3)."""
        if crop.shape != _CROP_SHAPE or crop.dtype != np.uint8:
            raise ValueError(f"a crop is uint8 {_CROP_SHAPE}, not {crop.dtype} {crop.shape}")
        self._crops.write(np.ascontiguousarray(crop).data)
        self.count += 1

    def finish(self, faces: FaceTable, pairs: PairTable, *, manifest: Mapping[str, Any]) -> None:
        """Write index, pairs and manifest for the crops added; raise ValueError when they do not fit together."""
        if len(faces) != self.count:
            raise ValueError(f"{self.count} crops and {len(faces)} rows of faces")
        if fault := fault_of(faces, pairs):
            raise ValueError(fault)
        self._crops.seek(0)
        self._write_header()
        self._crops.close()
        write_faces(self.folder / INDEX, faces)
        write_pairs(self.folder / PAIRS, pairs)
        files = {name: _fingerprint(self.folder / name) for name in (CROPS, INDEX, PAIRS)}
        write_json(self.folder / MANIFEST, {**manifest, "format": FORMAT, "version": VERSION, "files": files})

    def _write_header(self) -> None:
        # numpy pads the header so that the row count can grow in place.
        header = {"descr": "|u1", "fortran_order": False, "shape": (self.count, *_CROP_SHAPE)}
        np.lib.format.write_array_header_1_0(self._crops, header)


@contextmanager
def writing_dataset(folder: Path) -> Iterator[DatasetWriter]:
    """Yield a writer; `folder` appears, in the place of an older export, when the block ends after `finish`.

    Raises BadInputFile when `folder` holds something that is not a dataset.
    """
    with (
        replaced_folder(folder, is_ours=is_dataset) as part,
        (part / CROPS).open("wb") as crops,
    ):
        yield DatasetWriter(part, crops)


def write_dataset(
    folder: Path, crops: Iterable[Crop], faces: FaceTable, pairs: PairTable, *, manifest: Mapping[str, Any]
) -> Path:
    """Write a dataset folder from a stream of crops in the order of `faces`; return `folder`.

    `manifest` adds to format, version and hashes. Raises ValueError when crops and tables do not fit together,
    BadInputFile when `folder` holds something that is not a dataset; an older dataset then stays as it was.
    """
    with writing_dataset(folder) as writer:
        for crop in crops:
            writer.add(crop)
        writer.finish(faces, pairs, manifest=manifest)
    return folder


def is_dataset(folder: Path) -> bool:
    """Say whether `folder` has the manifest of a dataset, of whatever version."""
    try:
        manifest = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(manifest, dict) and manifest.get("format") == FORMAT


def open_dataset(folder: Path, *, verify: bool = False) -> Dataset:
    """Open a dataset folder; `verify` also compares the sha256 of each file with the manifest.

    Sizes, shapes and the sense of the tables are always checked. Raises BadInputFile with one sentence.
    """
    manifest, manifest_sha256 = _read_manifest(folder)
    for name in (CROPS, INDEX, PAIRS):
        _check_file(folder / name, manifest["files"].get(name, {}), verify=verify)
    try:
        crops = np.load(folder / CROPS, mmap_mode="r", allow_pickle=False)
    except (OSError, ValueError) as fault:
        raise BadInputFile(folder / CROPS, f"is not an array of faces ({fault})", _REMEDY) from None
    faces, pairs = read_faces(folder / INDEX), read_pairs(folder / PAIRS)
    if crops.dtype != np.uint8 or crops.shape != (len(faces), *_CROP_SHAPE):
        raise BadInputFile(
            folder / CROPS, f"holds {crops.dtype} {crops.shape} where the index has {len(faces)} faces", _REMEDY
        )
    if nonsense := fault_of(faces, pairs):
        raise BadInputFile(folder, nonsense, _REMEDY)
    return Dataset(folder, crops, faces, pairs, manifest, manifest_sha256)


def _read_manifest(folder: Path) -> tuple[dict[str, Any], str]:
    path = folder / MANIFEST
    if not folder.is_dir():
        raise BadInputFile(folder, "there is no such folder", "name a folder that `curate export` wrote")
    try:
        content = path.read_bytes()
        manifest = json.loads(content)
    except FileNotFoundError:
        raise BadInputFile(
            folder, f"is not a dataset (no {MANIFEST})", "name a folder that `curate export` wrote"
        ) from None
    except (OSError, ValueError):
        raise BadInputFile(path, "is not readable as JSON", _REMEDY) from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise BadInputFile(path, f"is not the manifest of an {FORMAT}", "name a folder that `curate export` wrote")
    if manifest.get("version") != VERSION:
        raise BadInputFile(path, f"is of version {manifest.get('version')}, this program reads {VERSION}", _REMEDY)
    if not isinstance(manifest.get("files"), dict):
        raise BadInputFile(path, "names no files", _REMEDY)
    return manifest, hashlib.sha256(content).hexdigest()


def _check_file(path: Path, expected: Mapping[str, Any], *, verify: bool) -> None:
    if not path.is_file():
        raise BadInputFile(path, "is missing", _REMEDY)
    if path.stat().st_size != expected.get("bytes"):
        raise BadInputFile(path, f"has {path.stat().st_size} bytes, the manifest says {expected.get('bytes')}", _REMEDY)
    if verify and sha256_of_file(path) != expected.get("sha256"):
        raise BadInputFile(path, "is damaged (its sha256 is not the manifest's)", _REMEDY)


def _fingerprint(path: Path) -> dict[str, Any]:
    return {"sha256": sha256_of_file(path), "bytes": path.stat().st_size}
