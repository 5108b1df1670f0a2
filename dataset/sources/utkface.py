"""UTKFace: `[age]_[gender]_[race]_[stamp].jpg`, aligned copies `.jpg.chip.jpg`; one photo a person, no identity.

The stamp is when the photo was collected, never when it was taken. A few names of the original are malformed; what
they should say was published (aicip/UTKFace issue 1, paplhjak/Facial-Age-Estimation-Benchmark `utkf_to_json.py`).
Non-commercial research.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from dataset.sources.records import MAX_AGE, Item, Skipped, SkipReason, SourceRecord
from dataset.sources.walk import is_photo_name, printable, walk_files

NAMES = "25_1_0_20170116174525125.jpg: age, gender 0-1, race 0-4, stamp"

# Stamps have 17 digits, in some files 16 to 18. A space before the dot and a lost dot or letter are in the original.
_NAME = re.compile(r"(?P<labels>\d{1,3}_[01]_[0-4])_(?P<stamp>\d{14,20}) ?" r"(?:\.?jpe?g|\.pg)(?:\.chip\.jpg)?", re.I)
_MENDED_NAME = re.compile(r"(?P<stem>\d{1,3}_\d?_{0,2}\d?_?\d{14,20})\.jpg(?:\.chip\.jpg)?", re.IGNORECASE)
_REGULAR_END = re.compile(r"_\d{17}\.jpg(?:\.chip\.jpg)?", re.IGNORECASE)


@dataclass(frozen=True)
class _Mended:
    labels: str
    is_doubtful: bool = False


# The name in the set, less its ending: what it should say.
_MENDED = {
    "39_1_20170116174525125": _Mended("39_1_1"),
    "61_1_20170109142408075": _Mended("61_1_1"),
    "61_1_20170109150557335": _Mended("61_1_3"),
    "61_3_20170109150557335": _Mended("61_1_3"),
    "53__0_20170116184028385": _Mended("53_1_0", is_doubtful=True),  # the other source says 53_1_1
}


def read_utkface(folder: Path) -> Iterator[Item]:
    """Yield the photos of the UTKFace copy in `folder`, in-the-wild or aligned; each has an age and no subject."""
    seen: set[str] = set()
    for path in walk_files(folder):
        if not is_photo_name(path.name) and not _NAME.fullmatch(path.name):
            continue
        item = _read_name(path, printable(path, folder))
        if isinstance(item, SourceRecord):
            if item.site_id in seen:
                item = Skipped(printable(path, folder), SkipReason.DUPLICATE, f"is a second file of {item.site_id}")
            else:
                seen.add(item.site_id)
        yield item


def _read_name(path: Path, where: str) -> Item:
    mended = _MENDED_NAME.fullmatch(path.name)
    if mended is not None and mended["stem"] in _MENDED:
        stem, right = mended["stem"], _MENDED[mended["stem"]]
        doubt = ("labels_doubtful",) if right.is_doubtful else ()
        return _record(path, labels=right.labels, site_id=stem, flags=("name_mended", *doubt))
    match = _NAME.fullmatch(path.name)
    if match is None:
        return Skipped(where, SkipReason.MALFORMED_NAME, f"is not named as {NAMES}")
    if not 0 <= int(match["labels"].split("_")[0]) <= MAX_AGE:
        return Skipped(where, SkipReason.BAD_AGE, f"says an age above {MAX_AGE}")
    flags = () if _REGULAR_END.search(path.name) else ("odd_name",)
    return _record(path, labels=match["labels"], site_id=f"{match['labels']}_{match['stamp']}", flags=flags)


def _record(path: Path, *, labels: str, site_id: str, flags: tuple[str, ...]) -> SourceRecord:
    age, gender, race = (int(part) for part in labels.split("_"))
    return SourceRecord(path=path, site_id=site_id, age=float(age), flags=flags, extra={"gender": gender, "race": race})
