"""Drawn people as photos of a site: which photos there are, and writing them to a folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agegap.files import remove_parts, write_bytes, write_text
from agegap.progress import track
from crawler.photosite.drawn.captions import write_record
from crawler.photosite.drawn.people import make_people
from crawler.photosite.drawn.photo import draw_jpeg
from crawler.photosite.drawn.scene import Style
from crawler.photosite.records import RECORDS_FILE, PhotoRecord, numeric_id, write_lines

DRAWING_VERSION = 1
"""Part of every photo's id: raise it when the same seed is drawn differently, so that no old file passes for new."""

NAMES_FILE = "names.txt"


@dataclass(frozen=True, kw_only=True)
class DrawnPhoto:
    """A photo that exists once it is drawn: what was written about it and the seeds of its pixels."""

    record: PhotoRecord
    identity_seed: int
    photo_seed: int
    age: float
    style: Style

    def draw(self) -> bytes:
        """Draw it; return JPEG bytes, the same every time."""
        return draw_jpeg(self.identity_seed, self.age, self.photo_seed, style=self.style)


def drawn_photos(people: int, *, photos: int, seed: int, style: Style, skip: int = 0) -> Iterator[DrawnPhoto]:
    """Yield `photos` photos each of `people` invented people, person by person, the young one first.

    The first `skip` people of the seed are left out: two seeds may give two people one name, one seed never does.
    """
    for person in make_people(skip + people, photos=photos, seed=seed)[skip:]:
        for number, moment in enumerate(person.moments):
            key = f"{DRAWING_VERSION}/{style}/{seed}/{person.name}/{number}/{photos}"
            photo_id = numeric_id(key)
            yield DrawnPhoto(
                record=write_record(person, moment, photo_id=photo_id, file=f"{person.name}/{photo_id}.jpg"),
                identity_seed=person.identity_seed,
                photo_seed=moment.photo_seed,
                age=moment.age,
                style=style,
            )


def write_folder(folder: Path, people: int, *, photos: int, seed: int, style: Style, skip: int = 0) -> dict[str, Any]:
    """Draw into `folder`: JPEGs below one sub-folder a person, photos.jsonl and names.txt; return a tally.

    A photo that is already there is not drawn again. Both lists are written last: a folder that has them is whole.
    """
    folder.mkdir(parents=True, exist_ok=True)
    remove_parts(folder)
    records: list[PhotoRecord] = []
    drawn = 0
    total = people * photos
    for photo in track(
        drawn_photos(people, photos=photos, seed=seed, style=style, skip=skip), label="draw", total=total, unit="photo"
    ):
        path = folder / photo.record.file
        if not path.exists():
            write_bytes(path, photo.draw())
            drawn += 1
        records.append(photo.record)
    write_text(folder / RECORDS_FILE, "".join(f"{line}\n" for line in write_lines(records)))
    counts: dict[str, int] = {}
    for record in records:
        counts[str(record.subject)] = counts.get(str(record.subject), 0) + 1
    write_text(folder / NAMES_FILE, "".join(f"{name}\t{count}\n" for name, count in sorted(counts.items())))
    return {"folder": str(folder), "people": people, "photos": total, "drawn": drawn, "kept": total - drawn}
