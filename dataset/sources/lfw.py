"""LFW: 13,233 photos of 5,749 people, `lfw/Aaron_Eckhart/Aaron_Eckhart_0001.jpg`. Identity, no age and no year.

The names are spelt as a crawl's, so a person of both is one subject: that is how an overlap is seen. It makes no pairs
with K, for nobody says when a photo was taken. With `lfw-names.txt` in the folder every photo it counts is a record or
a skip; with `people.txt` the fold of each person is kept. The pairs of the test are read by `lfw_lists.read_pairs`.
"""

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

from dataset.sources.lfw_lists import photo_name, read_names, read_people
from dataset.sources.lists import find_lists, told
from dataset.sources.records import Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_photo_name, is_utf8, printable, walk_files

NAMES = "Aaron_Eckhart/Aaron_Eckhart_0001.jpg: one folder a person, person, number"

_NUMBER = re.compile(r"(?P<person>.+)_(?P<number>\d{4})\.(?:jpe?g|png)", re.IGNORECASE | re.ASCII)


def read_lfw(folder: Path) -> Iterator[Item]:
    """Return the photos of the LFW copy in `folder`; photos that only its list of names counts are skips."""
    names, people = find_lists(folder, r"lfw-names\.txt"), find_lists(folder, r"people\.txt")
    return _read(folder, read_names(names[0]) if names else {}, read_people(people[0]) if people else {})


def _read(folder: Path, counts: dict[str, int], folds: dict[str, int]) -> Iterator[Item]:
    waiting = dict(counts)
    photos = (path for path in walk_files(folder) if is_photo_name(path.name))
    for person_folder, paths in groupby(photos, key=lambda path: path.parent):
        person, found = person_folder.name, set[int]()
        for path in paths:
            match = _NUMBER.fullmatch(path.name)
            if match is None or match["person"] != person or not is_utf8(str(path)):
                yield Skipped(printable(path, folder), SkipReason.MALFORMED_NAME, f"is not named as {NAMES}")
                continue
            found.add(int(match["number"]))
            flags = ("not_listed",) if counts and int(match["number"]) > counts.get(person, 0) else ()
            yield SourceRecord(
                path=path,
                site_id=path.stem,
                subject=person,
                flags=flags,
                texts={"file_name": path.name},
                extra=told(fold=folds.get(person)),
            )
        yield from _missing(person, waiting.pop(person, 0), found)
    for person, count in waiting.items():
        yield from _missing(person, count, set())


def _missing(person: str, count: int, found: set[int]) -> Iterator[Skipped]:
    for number in range(1, count + 1):
        if number not in found:
            detail = "is counted in lfw-names.txt and not there"
            yield Skipped(photo_name(person, number), SkipReason.MISSING_FILE, detail)
