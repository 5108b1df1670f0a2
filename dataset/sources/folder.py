"""A folder of one's own photos: one sub-folder a subject, or a `photos.jsonl` that says more about each photo."""

import unicodedata
from collections.abc import Iterator
from pathlib import Path

from dataset.sources.photos_jsonl import RECORDS_FILE, read_photos_jsonl
from dataset.sources.records import Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_photo_name, is_utf8, printable, walk_files

NAMES = "one sub-folder a subject, or a photos.jsonl beside the photos"


def read_folder(folder: Path) -> Iterator[Item]:
    """Yield the photos of `folder`: the lines of its `photos.jsonl` where there is one, else its sub-folders' files."""
    records = folder / RECORDS_FILE
    return read_photos_jsonl(records) if records.is_file() else _read_subfolders(folder)


def _read_subfolders(folder: Path) -> Iterator[Item]:
    """Yield a record a photo; the first folder on its way is the subject, deeper ones are the owner's own order."""
    for path in walk_files(folder):
        if not is_photo_name(path.name):
            continue
        where = printable(path, folder)
        if not is_utf8(str(path)):
            yield Skipped(where, SkipReason.MALFORMED_NAME, "has a name that is not UTF-8")
        elif path.parent == folder:
            yield Skipped(where, SkipReason.NO_SUBJECT, "lies in no subject's sub-folder")
        else:
            subject = unicodedata.normalize("NFC", path.relative_to(folder).parts[0])
            yield SourceRecord(path=path, site_id=where, subject=subject, texts={"file_name": path.name})
