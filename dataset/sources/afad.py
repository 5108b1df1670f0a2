"""AFAD: faces of Asian people; `AFAD-Full/<age>/<111 male, 112 female>/<photo>-<n>.jpg`. No identity.

One `<photo>` is one source photo, often of several people: some benchmarks take it for a person, and it makes no pairs
here. Academic use.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from dataset.sources.lists import BadRowError, age_in
from dataset.sources.records import Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_photo_name, printable, walk_files

NAMES = "<age>/<111 or 112>/<photo>-<n>.jpg"
_PLACE = re.compile(r"(?:.*/)?(?P<age>\d{1,3})/(?P<sex>111|112)/(?P<photo>\d+)-(?P<face>\d+)\.jpe?g", re.I | re.ASCII)
_SEXES = {"111": "m", "112": "f"}


def read_afad(folder: Path) -> Iterator[Item]:
    """Yield the photos of the AFAD copy in `folder`, AFAD-Full or AFAD-Lite."""
    for path in walk_files(folder):
        if not is_photo_name(path.name):
            continue
        where = printable(path, folder)
        match = _PLACE.fullmatch(where)
        if match is None:
            yield Skipped(where, SkipReason.MALFORMED_NAME, f"does not lie as {NAMES}")
            continue
        try:
            age = age_in(match["age"])
        except BadRowError as fault:
            yield fault.skipped(where)
            continue
        yield SourceRecord(
            path=path,
            site_id=f"{match['age']}/{match['sex']}/{path.stem}",
            age=age,
            texts={"file_name": path.name},
            extra={"sex": _SEXES[match["sex"]], "source_photo": match["photo"]},
        )
