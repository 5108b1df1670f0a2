"""Pairs are what the documented SQL says, the same on every database, and obey every setting."""

import hashlib
import re
import sqlite3
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, event, func, select, text

from agegap.errors import NothingToDo, SettingsError, WrongUse
from curation.cli import curate
from curation.pairing import candidates
from curation.pairing.build import BuiltPairs, build_pairs
from curation.pairing.order import PRIME, multipliers
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from db.dated_faces import NO_DAY, DatedFaces, FaceFloors, load_dated_faces
from db.models import Face, Pair, PairSet, Photo
from db.pair_writing import replace_pair_set
from db.pairs import find_pair_set, load_pairs
from db.session import open_catalog
from tests.curation.filled import Filler, filling

DOC = Path(__file__).parent.parent.parent / "docs" / "pairs-and-export.md"


def fill_at_random(fill: Filler, *, seed: int, people: int = 12, order: str = "asc") -> None:
    """Add people with long and short lives, copies of photos, two faces in a photo, doubtful and missing years."""
    rng = np.random.default_rng(seed)
    rows: list[dict[str, Any]] = []
    for person in range(people):
        for number in range(int(rng.integers(1, 16))):
            row: dict[str, Any] = {
                "subject": f"person {person}",
                "site_id": f"{'aBé'[number % 3]}{person}-{number}",
                "year": int(rng.integers(1950, 2020)),
            }
            row["confidence"] = float(rng.choice([0.3, 0.7, 0.95]))
            row["site"] = str(rng.choice(["flickr", "Flickr", "commons"]))
            row["picture"] = int(rng.integers(0, 10))  # of one person: the same number is the same crop
            row["flip"] = int(rng.integers(0, 6))  # bits of the perceptual hash that differ from the picture's
            row["twice"] = rng.random() < 0.1
            row["page"] = int(rng.integers(0, 8))  # of one person: the same number is the same page; 0 is none
            row["day"] = int(rng.integers(0, 60))  # from 20 December to 10 January, or no day
            row["width"] = int(rng.integers(0, 3))  # years the interval reaches to either side
            row |= {"blur": float(rng.integers(0, 90)), "yaw": float(rng.integers(-80, 80))}
            row |= {"score": float(rng.choice([0.6, 0.8])), "eyes": float(rng.integers(10, 40))}
            rows.append(row)
    ordered = rows if order == "asc" else rows[::-1]
    for row in ordered:
        page = f"https://site/{row['subject']}/{row['page']}" if row["page"] else None
        photo_id = fill.photo(row["site_id"], site=row["site"], subject=row["subject"], page_url=page)
        interval = {"year_min": row["year"] - row["width"], "year_max": row["year"] + row["width"]}
        fill.year(photo_id, row["year"], confidence=row["confidence"], **interval, **day_of(row["year"], row["day"]))
        picture = np.random.default_rng(abs(int(row["subject"][7:])) * 100 + row["picture"])
        sha256 = picture.bytes(32).hex()
        if row["flip"]:
            sha256 = np.random.default_rng([seed, *row["site_id"].encode()]).bytes(32).hex()
        bits = int(picture.integers(-(2**63), 2**63)) ^ ((1 << row["flip"]) - 1)
        columns: dict[str, Any] = {
            "crop_sha256": sha256,
            "order_key": int(sha256[:8], 16) >> 1,
            "perceptual_hash": bits,
            "blur": row["blur"] or None,
            "yaw": row["yaw"],
            "detection_score": row["score"],
            "eye_distance": row["eyes"],
        }
        fill.face(photo_id, subject=row["subject"], **columns)
        if row["twice"]:
            fill.face(photo_id, subject=row["subject"], **(columns | {"perceptual_hash": None}))


def day_of(year: int, day: int) -> dict[str, str]:
    """Return the day of a taken year: 20 to 31 December for 0 to 11, 1 to 10 January for 12 to 21, else none."""
    if day > 21:
        return {"precision": "year", "edtf": f"{year}"}
    month, number = (12, 20 + day) if day < 12 else (1, day - 11)
    return {"precision": "day", "edtf": f"{year}-{month:02}-{number:02}"}


def floors(settings: PairSettings) -> FaceFloors:
    return FaceFloors(
        confidence=settings.min_confidence,
        score=settings.min_score,
        eye_distance=settings.min_eye_distance,
        blur=settings.min_blur,
        max_yaw=settings.max_yaw,
    )


def build(engine: Engine, settings: PairSettings) -> BuiltPairs:
    with engine.connect() as connection:
        return build_pairs(load_dated_faces(connection, floors(settings)), settings)


def by_identity(connection: Connection, built: BuiltPairs) -> list[tuple[str, str, int]]:
    """Return the pairs by the site ids of their photos, sorted."""
    statement = select(Face.id, Photo.site_id).join(Photo, Photo.id == Face.photo_id)
    names = {row.id: row.site_id for row in connection.execute(statement)}
    ends = zip(built.rows.younger.tolist(), built.rows.older.tolist(), built.rows.gap_years.tolist(), strict=True)
    return sorted((names[younger], names[older], gap) for younger, older, gap in ends)


RULE_SETTINGS = (
    *("k_min", "k_max", "min_confidence", "min_score", "min_eye_distance", "min_blur", "max_yaw"),
    *("near_duplicate_bits", "event_days"),
)

SETTINGS = [
    PairSettings(),
    PairSettings(k_min=0, k_max=20, per_subject_k=1, seed=5),
    PairSettings(k_min=3, k_max=200 - 50, per_subject_k=2, min_confidence=0.0, seed=9),
    PairSettings(per_subject_k=1000, near_duplicate_bits=-1, min_confidence=0.9),
    PairSettings(k_min=0, per_subject_k=3, not_same_event=False, min_blur=10.0, min_score=0.7, max_yaw=70.0),
    PairSettings(k_min=0, k_max=30, per_subject_k=50, event_days=30, min_eye_distance=20.0, near_duplicate_bits=10),
]


POSTGRES_FUNCTIONS = (
    "hamming(bigint, bigint) returns integer immutable language sql "
    "as 'select length(replace(($1 # $2)::bit(64)::text, ''0'', ''''))'",
    "identity(text, text) returns bigint immutable language sql as 'select (((''x'' || encode(substring("
    "sha256(convert_to($1 || chr(9) || $2, ''UTF8'')) from 1 for 8), ''hex''))::bit(64)) >> 1)::bigint'",
    "day_number(text) returns integer immutable language sql as 'select $1::date - ''0001-01-01''::date + 1'",
)


@pytest.fixture
def taught_catalog(catalog: Engine) -> Iterator[Engine]:
    """The catalog with the functions of the documented SQL that neither database brings."""

    def hamming(one: int | None, other: int | None) -> int | None:
        return None if one is None or other is None else ((one ^ other) & (2**64 - 1)).bit_count()

    def identity(site: str, site_id: str) -> int:
        return int.from_bytes(hashlib.sha256(f"{site}\t{site_id}".encode()).digest()[:8], "big") >> 1

    def teach(connection: sqlite3.Connection, _: object) -> None:
        connection.create_function("hamming", 2, hamming, deterministic=True)
        connection.create_function("identity", 2, identity, deterministic=True)
        connection.create_function(
            "day_number", 1, lambda day: None if day is None else date.fromisoformat(day).toordinal()
        )

    if catalog.dialect.name == "sqlite":
        catalog.dispose()
        event.listen(catalog, "connect", teach)
    else:
        with catalog.begin() as connection:
            for function in POSTGRES_FUNCTIONS:
                connection.execute(text(f"create function {function}"))
    yield catalog


def documented_rule() -> str:
    (rule,) = [block for block in re.findall(r"```sql\n(.*?)```", DOC.read_text(), re.DOTALL) if "row_number" in block]
    return str(rule)


@pytest.mark.parametrize("settings", SETTINGS)
def test_numpy_chooses_what_the_documented_sql_chooses(taught_catalog: Engine, settings: PairSettings) -> None:
    with filling(taught_catalog) as fill:
        fill_at_random(fill, seed=1, people=20)
    built = build(taught_catalog, settings)
    ma, mb = multipliers(settings.seed)
    values: dict[str, Any] = {name: getattr(settings, name) for name in RULE_SETTINGS}
    values |= {"cap": settings.per_subject_k, "ma": ma, "mb": mb, "same_event": int(not settings.not_same_event)}
    with taught_catalog.connect() as connection:
        expected = sorted(tuple(row) for row in connection.execute(text(documented_rule()), values))
    assert len(expected) > 50
    ours = zip(built.rows.younger.tolist(), built.rows.older.tolist(), built.rows.gap_years.tolist(), strict=True)
    assert sorted(ours) == expected


def near_days(faces: DatedFaces, a: int, b: int, settings: PairSettings) -> bool:
    days = [int(faces.day[row]) for row in (a, b)]
    return NO_DAY not in days and abs(days[0] - days[1]) <= settings.event_days


@pytest.mark.parametrize("settings", SETTINGS)
def test_both_databases_give_the_list_that_plain_python_gives(catalog: Engine, settings: PairSettings) -> None:
    with filling(catalog) as fill:
        fill_at_random(fill, seed=2, people=16)
    with catalog.connect() as connection:
        faces = load_dated_faces(connection, floors(settings))
    ma, mb = multipliers(settings.seed)
    order = sorted(range(len(faces)), key=lambda row: (faces.identity[row], faces.face_id[row]))
    groups: dict[tuple[int, int], list[Any]] = {}
    for (a_place, a), (b_place, b) in combinations(enumerate(order), 2):
        if (faces.year[b], b_place) < (faces.year[a], a_place):
            a, b, a_place, b_place = b, a, b_place, a_place
        gap = int(faces.year[b] - faces.year[a])
        distance = (int(faces.perceptual_hash[a]) ^ int(faces.perceptual_hash[b])).bit_count()
        hashed = faces.has_perceptual_hash[a] and faces.has_perceptual_hash[b]
        if (
            faces.subject[a] == faces.subject[b]
            and settings.k_min <= gap <= settings.k_max
            and faces.identity[a] != faces.identity[b]
            and not (settings.not_same_event and (faces.event[a] == faces.event[b] or near_days(faces, a, b, settings)))
            and faces.picture[a] != faces.picture[b]
            and not (hashed and distance <= settings.near_duplicate_bits)
        ):
            key = (int(faces.order_key[a]) * ma + int(faces.order_key[b]) * mb) % PRIME
            entry = (key, int(faces.year[a]), a_place, b_place, int(faces.face_id[a]), int(faces.face_id[b]))
            groups.setdefault((int(faces.subject[a]), gap), []).append(entry)
    expected = sorted(
        (*entry[4:], gap) for (_, gap), entries in groups.items() for entry in sorted(entries)[: settings.per_subject_k]
    )
    rows = build_pairs(faces, settings).rows
    assert list(zip(rows.younger.tolist(), rows.older.tolist(), rows.gap_years.tolist(), strict=True)) == expected


def test_the_order_in_which_photos_came_changes_nothing(catalog: Engine, tmp_path: Path) -> None:
    other = open_catalog(f"sqlite:///{tmp_path / 'other.db'}")
    with filling(catalog) as fill:
        fill_at_random(fill, seed=3)
    with filling(other) as fill:
        fill.photo("shifts the ids")
        fill_at_random(fill, seed=3, order="desc")
    settings = PairSettings(seed=4, per_subject_k=2, max_per_face=5)
    one, two = build(catalog, settings), build(other, settings)
    with catalog.connect() as first, other.connect() as second:
        assert by_identity(first, one) == by_identity(second, two)
    assert one.sha256 == two.sha256
    assert one.sha256 != build(catalog, replace(settings, seed=5)).sha256


def test_another_seed_takes_other_pairs(sqlite_catalog: Engine) -> None:
    with filling(sqlite_catalog) as fill:
        for number in range(120):
            fill.dated_face("one", f"{number}", 1980 + number % 10)
    chosen = []
    for seed in (1, 2):
        rows = build(sqlite_catalog, PairSettings(seed=seed)).rows
        chosen.append(set(zip(rows.younger.tolist(), rows.older.tolist(), strict=True)))
    # 4 of hundreds of pairs for each K: two independent draws share next to none.
    assert len(chosen[0]) == len(chosen[1]) == 9 * 4
    assert len(chosen[0] & chosen[1]) < 5


def test_chunks_do_not_change_the_choice(sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    with filling(sqlite_catalog) as fill:
        fill_at_random(fill, seed=6, people=20)
    settings = PairSettings(k_min=0, per_subject=20, max_per_face=6)
    whole = build(sqlite_catalog, settings)
    monkeypatch.setattr(candidates, "CHUNK_PAIRS", 60)
    parts = build(sqlite_catalog, settings)
    np.testing.assert_array_equal(whole.rows.older, parts.rows.older)
    assert (whole.sha256, whole.chosen.candidates) == (parts.sha256, parts.chosen.candidates)


def test_a_pair_is_younger_first_of_one_subject_and_two_photos(catalog: Engine) -> None:
    with filling(catalog) as fill:
        fill_at_random(fill, seed=7)
    rows = build(catalog, PairSettings(min_confidence=0)).rows
    statement = text(
        "select f.id, f.subject_id, f.photo_id, t.year, t.confidence from face f "
        "join taken_year t on t.photo_id = f.photo_id"
    )
    with catalog.connect() as connection:
        known = {row.id: row for row in connection.execute(statement)}
    assert len(rows) > 100
    for index in range(len(rows)):
        younger, older = known[int(rows.younger[index])], known[int(rows.older[index])]
        assert younger.subject_id == older.subject_id == rows.subject_id[index]
        assert younger.photo_id != older.photo_id
        assert 1 <= rows.gap_years[index] == older.year - younger.year <= 60
        # Intervals of the same width let both years be off alike (tests/dataset/test_gaps.py).
        assert younger.confidence * older.confidence <= rows.confidence[index] + 1e-9 <= 1


def test_no_cap_is_exceeded(sqlite_catalog: Engine) -> None:
    with filling(sqlite_catalog) as fill:
        fill_at_random(fill, seed=8, people=25)
    settings = PairSettings(
        k_min=0, per_subject_k=2, per_subject=12, max_per_face=4, per_k=6, not_same_event=False, min_confidence=0
    )
    rows = build(sqlite_catalog, settings).rows
    assert max(Counter(zip(rows.subject_id.tolist(), rows.gap_years.tolist(), strict=True)).values()) == 2
    assert max(Counter(rows.subject_id.tolist()).values()) == 12
    assert max(Counter([*rows.younger.tolist(), *rows.older.tolist()]).values()) == 4
    assert max(Counter(rows.gap_years.tolist()).values()) == 6


def test_a_subjects_cap_keeps_its_range_of_k(sqlite_catalog: Engine) -> None:
    with filling(sqlite_catalog) as fill:
        for year in range(1960, 1990):
            fill.dated_face("one", f"{year}", year)
    rows = build(sqlite_catalog, PairSettings(per_subject=29)).rows
    assert sorted(rows.gap_years.tolist()) == list(range(1, 30))


def test_copies_of_a_picture_are_not_paired(sqlite_catalog: Engine) -> None:
    with filling(sqlite_catalog) as fill:
        fill.dated_face("one", "original", 1980, crop_sha256="ab" * 32, perceptual_hash=0)
        fill.dated_face("one", "same crop, wrong year", 1990, crop_sha256="ab" * 32, perceptual_hash=-1)
        fill.dated_face("one", "three bits off", 1995, perceptual_hash=0b111)
        fill.dated_face("one", "four bits off", 2000, perceptual_hash=0b1111)
        fill.dated_face("one", "no hash", 2005, perceptual_hash=None, crop_sha256=None)
    built = build(sqlite_catalog, PairSettings())
    with sqlite_catalog.connect() as connection:
        pairs = {(younger, older) for younger, older, _ in by_identity(connection, built)}
    assert ("original", "four bits off") in pairs
    assert ("original", "no hash") in pairs
    assert not pairs & {("original", "same crop, wrong year"), ("original", "three bits off")}
    # Also three and four bits off are one bit apart.
    assert built.chosen.near_duplicates == 3
    assert built.chosen.candidates == 10 - 3


def test_faces_without_subject_year_or_confidence_and_dropped_ones_are_not_paired(catalog: Engine) -> None:
    with filling(catalog) as fill:
        good = [fill.dated_face("one", "a", 1980), fill.dated_face("one", "b", 1990)]
        fill.dated_face("one", "doubtful", 1985, confidence=0.49)
        fill.dated_face("one", "dropped", 1986, drop_reason="blurred")
        undated = fill.photo("undated", subject="one")
        fill.year(undated, None)
        fill.face(undated, subject="one")
        nobody = fill.photo("nobody", subject="one")
        fill.year(nobody, 1987)
        fill.face(nobody)
    rows = build(catalog, PairSettings()).rows
    assert (rows.younger.tolist(), rows.older.tolist()) == ([good[0]], [good[1]])
    assert rows.confidence.tolist() == pytest.approx([0.81])


def test_no_faces_give_no_pairs(sqlite_catalog: Engine) -> None:
    assert len(build(sqlite_catalog, PairSettings()).rows) == 0


def test_a_pair_set_is_stored_and_replaced(catalog: Engine) -> None:
    with filling(catalog) as fill:
        fill_at_random(fill, seed=10)
    first = build_pair_set(catalog, settings=PairSettings())
    other = build_pair_set(catalog, name="other", settings=PairSettings(seed=3, per_subject_k=1))
    again = build_pair_set(catalog, settings=PairSettings())
    assert first == again
    assert sum(first["pairs_by_k"].values()) == first["pairs"]
    built = build(catalog, PairSettings())
    with catalog.connect() as connection:
        row = find_pair_set(connection, "default")
        assert row is not None
        assert (row.pair_count, row.found, row.sha256) == (first["pairs"], first["pairs"], first["sha256"])
        assert row.recipe["per_subject_k"] == 4
        stored = load_pairs(connection, row.id)
        for name in ("younger", "older", "subject_id", "gap_years", "confidence"):
            np.testing.assert_array_equal(getattr(stored, name), getattr(built.rows, name), err_msg=name)
        assert connection.scalar(select(func.count()).select_from(Pair)) == first["pairs"] + other["pairs"]
        assert connection.scalar(select(func.count()).select_from(PairSet)) == 2


def test_a_build_that_fails_leaves_the_older_set(catalog: Engine) -> None:
    with filling(catalog) as fill:
        fill_at_random(fill, seed=11)
    before = build_pair_set(catalog, settings=PairSettings())
    rows = build(catalog, PairSettings()).rows
    broken = replace(rows, older=np.where(np.arange(len(rows)) == len(rows) - 1, 10**9, rows.older))
    with pytest.raises(Exception, match=r"(?i)foreign key"), catalog.begin() as connection:
        replace_pair_set(connection, broken, name="default", recipe={}, seed=0, code_version="", sha256="")
    with catalog.connect() as connection:
        row = find_pair_set(connection, "default")
    assert row is not None
    assert (row.found, row.sha256) == (before["pairs"], before["sha256"])


def test_the_missing_step_is_named(sqlite_catalog: Engine) -> None:
    def missing() -> str:
        with pytest.raises(NothingToDo) as caught:
            build_pair_set(sqlite_catalog, settings=PairSettings())
        return str(caught.value)

    assert "there are no photos" in missing()
    with filling(sqlite_catalog) as fill:
        photo_id = fill.photo("1", subject="one")
    assert "curate faces" in missing()
    with filling(sqlite_catalog) as fill:
        fill.face(photo_id, drop_reason="blurred")
    assert "every face was dropped" in missing()
    with filling(sqlite_catalog) as fill:
        fill.face(photo_id)
    assert "extract-years" in missing()
    with filling(sqlite_catalog) as fill:
        fill.year(photo_id, 1980)
    assert "no two faces fit" in missing()


def test_settings_that_make_no_sense_are_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError, match="'k_max' 3 is below 'k_min' 5"):
        curate.main(["build-pairs", "--k-min", "5", "--k-max", "3"], standalone_mode=False)
    with pytest.raises(SettingsError, match="per_subject_k"):
        curate.main(["build-pairs", "--per-subject-k", "0"], standalone_mode=False)
    with pytest.raises(WrongUse, match="name has 1 to 64"):
        curate.main(["build-pairs", "--name", "x" * 65], standalone_mode=False)


def test_multipliers_stay_in_the_range_that_no_product_overflows() -> None:
    pairs = [multipliers(seed) for seed in range(300)]
    assert all(1 <= factor < 2**30 for pair in pairs for factor in pair)
    assert len(set(pairs)) == 300
    # Worked by hand from `printf 0 | sha256sum`: 5feceb66ffc86f38 d952786c6d696c79 ...
    assert multipliers(0) == (0x5FECEB66FFC86F38 % (2**30 - 1) + 1, 0xD952786C6D696C79 % (2**30 - 1) + 1)
