"""A small world for takedowns: people, photos, owners, files, pairs and exports; and where a word stands in it."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, select, text, update

from curation.export import export_dataset
from curation.export_settings import ExportSettings
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from curation.takedown import take_down
from dataset.images import encode_crop
from dataset.store import open_dataset
from db.models import Photo
from db.pairs import find_pair_set, load_pairs
from db.removal import Removal
from tests.curation.filled import filling, noise

NAMES = ("Ada_Lorn", "Bo_Marten", "Cy_Nodd")
PHOTOS = 4
PAIRS_OF_ONE = PHOTOS * (PHOTOS - 1) // 2


def photo_id_of(person: int, number: int) -> str:
    return f"77000{person}{number}"


def owner_of(person: int) -> str:
    return f"8800{person}@N00"


def fill_world(engine: Engine, data: Path) -> None:
    """Fill in three people with four dated photos each, one owner a person; pairs, and two exports, one hides ages."""
    with filling(engine, data) as fill:
        for person, name in enumerate(NAMES):
            for number in range(PHOTOS):
                crop = noise(person * 10 + number)
                fill.dated_face(name, photo_id_of(person, number), 1970 + 10 * number, crop=crop, age=20.0)
    for person in range(len(NAMES)):
        for number in range(PHOTOS):
            keep_file(engine, data, person, number)
    build_pair_set(engine, settings=PairSettings())
    export(engine, data, "set")
    export(engine, data, "hidden", hide_ages=True)


def keep_file(engine: Engine, data: Path, person: int, number: int) -> None:
    """Write the image file of a photo and say so in its row."""
    content = encode_crop(noise(500 + person * 10 + number))
    path = f"photos/{NAMES[person]}/{photo_id_of(person, number)}.jpg"
    (data / path).parent.mkdir(parents=True, exist_ok=True)
    (data / path).write_bytes(content)
    row = {
        "path": path,
        "sha256": hashlib.sha256(content).hexdigest(),
        "owner_id": owner_of(person),
        "page_url": f"https://www.flickr.com/photos/{owner_of(person)}/{photo_id_of(person, number)}/",
        "image_url": f"https://live.staticflickr.com/65535/{photo_id_of(person, number)}_abc_z.jpg",
        "title": f"title of {photo_id_of(person, number)}",
        "raw": {"id": photo_id_of(person, number), "owner": owner_of(person)},
        "licence": "4",
    }
    with engine.begin() as connection:
        connection.execute(update(Photo).where(Photo.site_id == photo_id_of(person, number)).values(**row))


def export(engine: Engine, data: Path, name: str, **settings: Any) -> None:
    export_dataset(engine, data.parent / name, data=data, settings=ExportSettings(split="all=train", **settings))


def run(engine: Engine, data: Path, *removals: Removal, **others: Any) -> dict[str, Any]:
    return take_down(engine, removals, data=data, reason="asked", **others)


def sha256_of(engine: Engine, site_id: str) -> str:
    with engine.connect() as connection:
        return str(connection.scalar(select(Photo.sha256).where(Photo.site_id == site_id)))


def places_of(engine: Engine, data: Path, word: str) -> list[str]:
    """Return where a word still stands: in a file's name or bytes, a row of any table, or an export."""
    found = [f"row of {table}" for table, row in rows_of(engine) if word in row]
    files = [path for path in sorted(data.parent.rglob("*")) if path.is_file()]
    found += [str(path) for path in files if word in str(path.relative_to(data.parent)) or holds(path, word)]
    for folder in ("set", "hidden"):
        if (data.parent / folder).exists():
            faces = open_dataset(data.parent / folder, verify=True).faces
            found += [f"export {folder}" for texts in (faces.site_id, faces.subject_names) if word in texts]
    return found


def holds(path: Path, word: str) -> bool:
    return word.encode() in path.read_bytes()


def rows_of(engine: Engine) -> Iterator[tuple[str, str]]:
    with engine.connect() as connection:
        for table in inspect(engine).get_table_names():
            for row in connection.execute(text(f'select * from "{table}"')):
                yield table, json.dumps([str(value) for value in row])


def described(engine: Engine) -> dict[str, Any]:
    with engine.connect() as connection:
        pair_set = find_pair_set(connection, "default")
        assert pair_set is not None
        assert pair_set.found == pair_set.pair_count == len(load_pairs(connection, pair_set.id))
        return {"pair_count": pair_set.pair_count, "sha256": pair_set.sha256}
