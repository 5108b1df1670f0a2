"""Tar files of a picture and a JSON record a face, read from first to last: the layout of WebDataset.

https://github.com/webdataset/webdataset: members of one sample share a name up to the first dot. No member carries a
time, an owner or a mode of this machine, so the same faces give the same bytes. `shards.json` lists the shards in the
format of `wids`, which gives random access; `faces.parquet` has all records, for who selects before reading pictures.
"""

import io
import json
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from agegap.files import write_json
from dataset.tables import FaceTable, PairTable
from dataset.writers.hub import HUB_SPLITS
from dataset.writers.layout import Layout, LayoutOptions
from dataset.writers.row_table import FILE_NAME, RowTable, read_rows
from dataset.writers.rows import ExportedFace, FaceRow, record_of, row_of

INDEX, TABLE = "shards.json", "faces.parquet"
WIDS_VERSION = 1

_REMEDY = "write it again with `curate export`"


@dataclass(frozen=True)
class _Shard:
    url: str
    nsamples: int
    filesize: int


class _Tar:
    def __init__(self, path: Path) -> None:
        self.path, self.count, self.byte_count = path, 0, 0
        self._tar = tarfile.open(path, "w", format=tarfile.USTAR_FORMAT)  # noqa: SIM115  closed by `close`

    def add(self, face: ExportedFace) -> None:
        name = picture_name(face.row)
        self._member(name, face.jpeg)
        record = json.dumps(record_of(face.row), ensure_ascii=False)
        self._member(f"{name.removesuffix('.jpg')}.json", record.encode())
        self.count += 1
        self.byte_count += len(face.jpeg)

    def close(self) -> _Shard:
        self._tar.close()
        return _Shard(self.path.name, self.count, self.path.stat().st_size)

    def _member(self, name: str, content: bytes) -> None:
        member = tarfile.TarInfo(name)  # mtime, uid and gid are 0, the names empty
        member.size = len(content)
        member.mode = 0o644
        self._tar.addfile(member, io.BytesIO(content))
        _forget_members(self._tar)


class TarWriter:
    """Writes SPLIT-000000.tar, SPLIT-000001.tar..., each of about `shard_bytes` of pictures."""

    def __init__(self, folder: Path, options: LayoutOptions) -> None:
        self._folder = folder
        self._shard_bytes = options.shard_bytes
        self._open: dict[str, _Tar] = {}
        self._shards: dict[str, list[_Shard]] = {}
        self._table = RowTable(folder / TABLE, leading=FILE_NAME)

    def add(self, face: ExportedFace) -> None:
        """Write one face."""
        split = HUB_SPLITS[face.row.split]
        tar = self._open.get(split)
        if tar is None:
            number = len(self._shards.setdefault(split, []))
            tar = self._open[split] = _Tar(self._folder / f"{split}-{number:06}.tar")
        tar.add(face)
        self._table.add(face, picture_name(face.row))
        if tar.byte_count >= self._shard_bytes:
            self._shards[split].append(self._open.pop(split).close())

    def finish(self, faces: FaceTable, pairs: PairTable) -> dict[str, Any]:
        """Complete the folder."""
        self._table.close()
        for split, tar in self._open.items():
            self._shards[split].append(tar.close())
        shards = [shard for split in HUB_SPLITS.values() for shard in self._shards.get(split, ())]
        index = {"wids_version": WIDS_VERSION, "name": "faces", "shardlist": [asdict(shard) for shard in shards]}
        write_json(self._folder / INDEX, index)
        return {
            "splits": {
                split: sum(shard.nsamples for shard in shards) for split, shards in sorted(self._shards.items())
            },
            "shards": {split: len(shards) for split, shards in sorted(self._shards.items())},
        }


def picture_name(row: FaceRow) -> str:
    """Return the name of a face's picture within its shard."""
    return f"{row.face_id:09}.jpg"


def _files(folder: Path) -> Iterator[Path]:
    for split in HUB_SPLITS.values():
        yield from sorted(folder.glob(f"{split}-*.tar"))


def _rows(folder: Path) -> Iterator[FaceRow]:
    yield from read_rows(folder / TABLE)


def _faces(folder: Path) -> Iterator[ExportedFace]:
    for path in _files(folder):
        yield from _samples(path)


def _samples(path: Path) -> Iterator[ExportedFace]:
    jpeg = b""
    try:
        with tarfile.open(path, "r:") as tar:
            for member in tar:
                if member.name.endswith(".json"):
                    yield ExportedFace(row_of(json.loads(_content(tar, member))), jpeg)
                else:
                    jpeg = _content(tar, member)
                _forget_members(tar)
    except (OSError, tarfile.TarError, ValueError, KeyError) as fault:
        raise BadInputFile(path, f"is not readable as a shard of faces ({fault})", _REMEDY) from None


def _forget_members(tar: tarfile.TarFile) -> None:
    """Drop the headers that tarfile keeps, 1 KB each; nobody looks for a member by name here."""
    tar.members.clear()  # type: ignore[attr-defined]  # typeshed lists `getmembers` alone


def _content(tar: tarfile.TarFile, member: tarfile.TarInfo) -> bytes:
    stream = tar.extractfile(member)
    return b"" if stream is None else stream.read()


WEBDATASET = Layout(
    "webdataset", (INDEX, TABLE, *(f"{split}-*.tar" for split in HUB_SPLITS.values())), TarWriter, _rows, _faces
)
