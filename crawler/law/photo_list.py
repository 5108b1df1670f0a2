"""A list of photos somebody wants the credits of: lines `site:id`, a CSV, or the index of a dataset folder."""

import csv
from collections.abc import Iterator
from pathlib import Path

from agegap.errors import BadInputFile, WrongUse
from db.removal import HIDDEN_ID_LENGTH
from db.tombstones import digest_of

_REMEDY = "give lines such as flickr:123, a CSV with the columns site and site_id, or a dataset's index.parquet"
_ROWS_AT_ONCE = 50_000


class PhotoList:
    """Photos by site and id; holds 8 bytes of a digest for each, so that a million fit in 100 MB."""

    def __init__(self) -> None:
        self._known: set[bytes] = set()
        self._hidden: set[str] = set()

    def add(self, site: str, site_id: str) -> None:
        """Add a photo; its id may be the hidden one of an export that hides ages."""
        self._known.add(_key(site, site_id))
        if len(site_id) == HIDDEN_ID_LENGTH and not set(site_id) - set("0123456789abcdef"):
            self._hidden.add(site_id)

    def has(self, site: str, site_id: str) -> bool:
        """Say whether a photo is in the list."""
        if _key(site, site_id) in self._known:
            return True
        return bool(self._hidden) and digest_of("photo", site, site_id)[:HIDDEN_ID_LENGTH] in self._hidden

    def __len__(self) -> int:
        return len(self._known)


def read_photo_list(path: Path) -> PhotoList:
    """Return the photos a file names; raise BadInputFile."""
    photos = PhotoList()
    for site, site_id in _read_index(path) if path.suffix == ".parquet" else _read_text(path):
        photos.add(site, site_id)
    if not len(photos):
        raise BadInputFile(path, "names no photo", _REMEDY)
    return photos


def _key(site: str, site_id: str) -> bytes:
    return bytes.fromhex(digest_of("photo", site, site_id)[:16])


def _read_text(path: Path) -> Iterator[tuple[str, str]]:
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            first = handle.readline()
            handle.seek(0)
            if "," in first and "site_id" in first:
                yield from ((row["site"], row["site_id"]) for row in csv.DictReader(handle))
                return
            for number, line in enumerate(handle, start=1):
                if not (words := line.strip()) or words.startswith("#"):
                    continue
                site, colon, site_id = words.partition(":")
                if not colon or not site or not site_id:
                    raise BadInputFile(path, f"line {number} is not SITE:ID ({words[:40]!r})", _REMEDY)
                yield site, site_id
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", _REMEDY) from None
    except UnicodeDecodeError as fault:
        raise BadInputFile(path, f"is not text in UTF-8 (byte {fault.start})", _REMEDY) from None
    except KeyError as fault:
        raise BadInputFile(path, f"has no column {fault}", _REMEDY) from None


def _read_index(path: Path) -> Iterator[tuple[str, str]]:
    try:
        import pyarrow as pa
        import pyarrow.parquet as pq
    except ImportError:
        raise WrongUse(
            f"{path}: reading Parquet needs the package 'pyarrow'; run `pip install 'agegap[faces]'`"
        ) from None
    try:
        with pq.ParquetFile(path) as file:
            for batch in file.iter_batches(_ROWS_AT_ONCE, columns=["site", "site_id"]):
                yield from zip(batch.column("site").to_pylist(), batch.column("site_id").to_pylist(), strict=True)
    except (OSError, KeyError, pa.ArrowException) as fault:
        raise BadInputFile(path, f"is not the index of a dataset ({fault})", _REMEDY) from None
