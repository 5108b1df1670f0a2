"""AgeDB: 16,488 photos of 567 well-known people; `12083_ElsaMartinelli_74_f.jpg` is number, person, age, sex.

The names have no spaces, so they are kept as the set's own and not taken for those of a crawl (ElsaMartinelli is
nobody's spelling). AgeDB-30, the `.bin` that face recognition uses, is another choice of photos. On request, research
only.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from dataset.sources.lists import BadRowError, age_in, sex_in, told
from dataset.sources.records import Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_photo_name, is_utf8, printable, walk_files

NAMES = "12083_ElsaMartinelli_74_f.jpg: number, person, age, sex"
_NAME = re.compile(r"(?P<number>\d+)_(?P<person>[^\W\d_][^_]*)_(?P<age>\d{1,3})_(?P<sex>[mf])\.jpe?g", re.IGNORECASE)


def read_agedb(folder: Path) -> Iterator[Item]:
    """Yield the photos of the AgeDB copy in `folder`."""
    for path in walk_files(folder):
        if not is_photo_name(path.name):
            continue
        match = _NAME.fullmatch(path.name)
        if match is None or not is_utf8(str(path)):
            yield Skipped(printable(path, folder), SkipReason.MALFORMED_NAME, f"is not named as {NAMES}")
            continue
        try:
            age = age_in(match["age"])
        except BadRowError as fault:
            yield fault.skipped(printable(path, folder))
            continue
        yield SourceRecord(
            path=path,
            site_id=path.stem,
            subject=match["person"],
            age=age,
            texts={"file_name": path.name},
            extra=told(sex=sex_in(match["sex"]), number=int(match["number"])),
        )
