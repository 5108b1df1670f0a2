"""`scrapy extract-years --sample N`: random photos with their evidence on one HTML page, to judge by eye."""

import random
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import NothingToDo
from agegap.files import write_text
from crawler.extract_page import Shown, render_page
from crawler.extract_photo import read_stored
from crawler.taken_year import VERSION
from db.photo_texts import photo_ids, photos_with_texts
from db.upserts import slices

DEFAULT_PAGE = Path("taken-years.html")


def write_sample(catalog: Engine, data: Path, out: Path, *, count: int, seed: int) -> dict[str, Any]:
    """Write a page of `count` photos that `seed` chooses, read anew; return its path and how many were dated.

    The page shows the stored image files by links relative to itself. Raises NothingToDo when there are no photos.
    """
    with catalog.connect() as connection:
        chosen = sorted(choose(photo_ids(connection), count=count, seed=seed))
        photos = [photo for some in slices(chosen) for photo in photos_with_texts(connection, some)]
    if not photos:
        raise NothingToDo("the catalog", "it has no photos", "run `scrapy crawl flickr_names -a names=FILE`")
    shown = [
        Shown(photo, read_stored(photo, data), data / photo.path if photo.path and photo.state == "done" else None)
        for photo in photos
    ]
    random.Random(seed).shuffle(shown)  # by row number, photos of one person would stand together
    write_text(out, render_page(shown, folder=out.resolve().parent, seed=seed, version=VERSION))
    dated = sum(one.reading.taken.year is not None for one in shown)
    return {"page": str(out), "photos": len(shown), "dated": dated, "seed": seed, "version": VERSION}


def choose(numbers: Iterable[int], *, count: int, seed: int) -> list[int]:
    """Return `count` of the numbers, each as likely as any other, holding no more than those.

    Vitter's algorithm R, https://doi.org/10.1145/3147.3165.
    """
    rng = random.Random(seed)
    held: list[int] = []
    for place, number in enumerate(numbers):
        if place < count:
            held.append(number)
        elif (where := rng.randrange(place + 1)) < count:
            held[where] = number
    return held
