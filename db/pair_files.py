"""Pair sets that lie in files, for whoever makes such a file anew."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, select, update

from db.dated_faces import identity_of
from db.models import Face, PairSet, Photo

_ROWS_AT_ONCE = 20_000

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class PairFile:
    """A pair set whose pairs are in a file; the path is below the data folder."""

    id: int
    name: str
    path: str


@dataclass(frozen=True, eq=False)
class KnownFaces:
    """The faces of the catalog, in order of id, with the number of their photos in every catalog."""

    face_id: Ints
    identity: Ints

    def have(self, face_ids: Ints) -> NDArray[np.bool_]:
        """Return which of `face_ids` there are."""
        return np.isin(face_ids, self.face_id)

    def identity_of(self, face_ids: Ints) -> Ints:
        """Return the identities of faces that are all there."""
        return self.identity[np.searchsorted(self.face_id, face_ids)]


def pair_files(connection: Connection) -> list[PairFile]:
    """Return the pair sets that are stored as files."""
    columns = (PairSet.id, PairSet.name, PairSet.path)
    rows = connection.execute(select(*columns).where(PairSet.storage == "parquet", PairSet.path.is_not(None)))
    return [PairFile(int(row.id), str(row.name), str(row.path)) for row in rows]


def known_faces(connection: Connection) -> KnownFaces:
    """Read the id and the identity of every face."""
    statement = select(Face.id, Photo.site, Photo.site_id).join(Photo, Photo.id == Face.photo_id).order_by(Face.id)
    parts = connection.execute(statement.execution_options(yield_per=_ROWS_AT_ONCE)).partitions()
    tables = [np.array([(row.id, identity_of(row.site, row.site_id)) for row in rows], np.int64) for rows in parts]
    return KnownFaces(*np.concatenate([np.zeros((0, 2), np.int64), *tables]).T)


def replace_pair_file(connection: Connection, old: PairFile, *, path: str, sha256: str, pair_count: int) -> bool:
    """Say where the pairs of a set lie now and what they are; False where another build replaced it meanwhile."""
    is_still = (PairSet.id == old.id) & (PairSet.path == old.path)
    values = {"path": path, "sha256": sha256, "pair_count": pair_count}
    return bool(connection.execute(update(PairSet).where(is_still).values(**values)).rowcount)
