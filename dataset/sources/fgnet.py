"""FG-NET: 1,002 photos of 82 people; `images/001A02.JPG` is subject 001 at age 2, a last letter tells photos of one
age apart. Letters of either case are found in copies of the set. Research only.

Read by name as paplhjak/Facial-Age-Estimation-Benchmark `facebase/to_json/fgnet_to_json.py` does.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from dataset.sources.records import Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_photo_name, printable, walk_files

NAMES = "001A02.JPG: subject, A, age"
_NAME = re.compile(r"(?P<subject>\d{3})a(?P<age>\d{2})(?P<photo>[a-z]?)\.jpe?g", re.IGNORECASE | re.ASCII)


def read_fgnet(folder: Path) -> Iterator[Item]:
    """Yield the photos of the FG-NET copy in `folder`, the set's root or its `images` folder."""
    seen: set[str] = set()
    for path in walk_files(folder):
        match = _NAME.fullmatch(path.name)
        if match is None:
            if is_photo_name(path.name):
                yield Skipped(printable(path, folder), SkipReason.MALFORMED_NAME, f"is not named as {NAMES}")
            continue
        subject = match["subject"]
        site_id = f"{subject}A{match['age']}{match['photo'].lower()}"
        if site_id in seen:
            yield Skipped(printable(path, folder), SkipReason.DUPLICATE, f"is a second file of photo {site_id}")
            continue
        seen.add(site_id)
        yield SourceRecord(path=path, site_id=site_id, subject=subject, age=float(match["age"]))
