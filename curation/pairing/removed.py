"""Taking pairs of faces that are gone out of Parquet pair sets: a file names faces by ids, which may come again.

The new file has another name, so a kill at any instant leaves the catalog with the one or with the other.
"""

import logging
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from sqlalchemy import Engine

from agegap.errors import BadInputFile
from agegap.files import atomic_path
from curation.pairing.files import open_pairs, pairs_path
from db.pair_files import KnownFaces, PairFile, known_faces, pair_files, replace_pair_file
from db.pair_recount import Fingerprint

if TYPE_CHECKING:
    import pyarrow as pa

_ROWS_AT_ONCE = 1_000_000

log = logging.getLogger(__name__)


def drop_gone_pairs(engine: Engine, *, data: Path) -> int:
    """Write every pair file below `data` anew without the pairs of faces that are no more; return how many pairs went.

    A file without such a pair is not touched; one that cannot be read is told in the log and stays.
    """
    with engine.connect() as connection:
        files = pair_files(connection)
        faces = known_faces(connection) if files else None
    gone = 0
    for file in files:
        assert faces is not None
        try:
            gone += _rewrite(engine, data, file, faces)
        except BadInputFile as fault:
            log.warning("pair set '%s': %s", file.name, fault)
    return gone


def _rewrite(engine: Engine, data: Path, file: PairFile, faces: KnownFaces) -> int:
    import pyarrow.parquet as pq

    digest, strangers = Fingerprint(), [np.zeros((3, 0), np.int64)]
    kept = gone = 0
    for before, after in _batches(data / file.path, faces):
        gone += before - len(after)
        forward = after.filter(_is_forward(after))
        ends = [faces.identity_of(_column(forward, name)) for name in ("first_face_id", "second_face_id")]
        gap_years = _column(forward, "gap_years")
        is_pair = forward.column("subject_id").is_valid().to_numpy()
        digest.add(ends[0][is_pair], ends[1][is_pair], gap_years[is_pair])
        strangers.append(np.stack([*ends, gap_years])[:, ~is_pair])
        kept += int(is_pair.sum())
    if not gone:
        return 0
    first, second, gap_years = np.concatenate(strangers, axis=1)
    order = np.lexsort((second, first))
    digest.add(first[order], second[order], gap_years[order], strangers=True)
    path = pairs_path(file.name, digest.hexdigest())
    with atomic_path(data / path) as part, pq.ParquetWriter(part, open_pairs(data / file.path).schema_arrow,
                                                            compression="zstd") as writer:  # fmt: skip
        for _, after in _batches(data / file.path, faces):
            writer.write_table(after)
    with engine.begin() as connection:
        is_ours = replace_pair_file(connection, file, path=path, sha256=digest.hexdigest(), pair_count=kept)
    (data / (file.path if is_ours else path)).unlink(missing_ok=True)
    return gone


def _batches(path: Path, faces: KnownFaces) -> Iterator[tuple[int, "pa.Table"]]:
    """Yield how many rows a part of a file has, and those of them whose two faces are there."""
    import pyarrow as pa

    for batch in open_pairs(path).iter_batches(batch_size=_ROWS_AT_ONCE):
        part = pa.Table.from_batches([batch])
        both = faces.have(_column(part, "first_face_id")) & faces.have(_column(part, "second_face_id"))
        yield len(part), part.filter(pa.array(both))


def _is_forward(part: "pa.Table") -> "pa.Array":
    import pyarrow.compute as pc

    return pc.invert(part.column("is_turned"))


def _column(part: "pa.Table", name: str) -> "np.ndarray[tuple[int], np.dtype[np.int64]]":
    return np.asarray(part.column(name).to_numpy(), np.int64)
