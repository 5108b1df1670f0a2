"""Events, lists of K, strangers, splits and storage of pair sets."""

from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from sqlalchemy import Connection, Engine, delete, insert, select, update

from agegap.errors import DataFailed, SettingsError
from curation.cli import curate
from curation.pairing import sets, strangers
from curation.pairing.choose import choose
from curation.pairing.people import people_of, splits_of
from curation.pairing.sets import build_pair_set, pairs_of_set
from curation.pairing.settings import PairSettings
from dataset.splits import Split, parse_shares, split_of
from db.dated_faces import FaceFloors, Subjects, load_dated_faces, load_subjects
from db.models import DuplicateFace, Face, IdentityProposal, Pair, PairSet, Photo, Subject, TakenYear
from db.pair_recount import DROPPED, renew_fingerprints
from db.pairs import PairSetRow, find_pair_set, load_pairs, load_strangers
from tests.curation.filled import NOW, Filler, filling

SHARES = "train=50,val=0,test=50"


def found(connection: Connection, name: str = "default") -> PairSetRow:
    row = find_pair_set(connection, name)
    assert row is not None
    return row


def pairs_by_site_id(engine: Engine) -> set[tuple[str, str]]:
    with engine.connect() as connection:
        statement = select(Face.id, Photo.site_id).join(Photo, Photo.id == Face.photo_id)
        names = {row.id: row.site_id for row in connection.execute(statement)}
        rows = load_pairs(connection, found(connection).id)
    return {(names[a], names[b]) for a, b in zip(rows.younger.tolist(), rows.older.tolist(), strict=True)}


def dated(fill: Filler, site_id: str, day: str, *, page: str | None = None, subject: str = "one") -> int:
    photo_id = fill.photo(site_id, subject=subject, page_url=page)
    precision = "day" if len(day) == 10 else "year"
    fill.year(photo_id, int(day[:4]), precision=precision, edtf=day)
    return fill.face(photo_id, subject=subject)


def test_photos_of_one_page_or_neighbouring_days_are_one_event(catalog: Engine) -> None:
    with filling(catalog) as fill:
        dated(fill, "eve", "1999-12-31")
        dated(fill, "morning", "2000-01-01")
        dated(fill, "third", "2000-01-02")
        dated(fill, "some day", "2000")
        dated(fill, "page a", "2005", page="https://site/p")
        dated(fill, "page b", "2006", page="https://site/p")
    build_pair_set(catalog, settings=PairSettings(k_min=0, per_subject_k=100))
    pairs = pairs_by_site_id(catalog)
    events = {("eve", "morning"), ("morning", "third"), ("page a", "page b")}
    assert not pairs & (events | {(b, a) for a, b in events})
    assert ("eve", "third") in pairs
    assert len(pairs) == 15 - 3
    build_pair_set(catalog, settings=PairSettings(k_min=0, per_subject_k=100, event_days=2))
    assert len(pairs_by_site_id(catalog)) == 15 - 4
    result = build_pair_set(catalog, settings=PairSettings(k_min=0, per_subject_k=100, not_same_event=False))
    assert (result["pairs"], result["left_out"]["of_one_event"]) == (15, 0)


def test_faces_of_one_duplicate_group_are_not_paired(catalog: Engine) -> None:
    with filling(catalog) as fill:
        ids = [fill.dated_face("one", f"{year}", year) for year in (1980, 1990, 2000)]
        rows = [{"face_id": face, "group_id": ids[0], "kind": "near", "distance": 5} for face in ids[:2]]
        fill.connection.execute(insert(DuplicateFace), rows)
    build_pair_set(catalog, settings=PairSettings())
    assert pairs_by_site_id(catalog) == {("1980", "2000"), ("1990", "2000")}
    build_pair_set(catalog, settings=PairSettings(near_duplicate_bits=-1))
    assert len(pairs_by_site_id(catalog)) == 3


def test_a_list_of_k_takes_what_each_k_alone_takes(sqlite_catalog: Engine) -> None:
    with filling(sqlite_catalog) as fill:
        for person in range(5):
            for number in range(20):
                fill.dated_face(f"p{person}", f"{person}-{number}", 1950 + (number * number * 3 + person) % 50)
    with sqlite_catalog.connect() as connection:
        faces = load_dated_faces(connection, FaceFloors())
    both = choose(faces, PairSettings(k=(20, 5, 6), per_subject_k=2))
    alone = [choose(faces, PairSettings(k_min=k, k_max=k, per_subject_k=2)) for k in (5, 6, 20)]
    ends = [sorted(zip(part.younger.tolist(), part.older.tolist(), strict=True)) for part in [both, *alone]]
    assert ends[0] == sorted(ends[1] + ends[2] + ends[3])
    assert all(ends)
    assert PairSettings(k=(20, 5, 6)).runs == [(5, 6), (20, 20)]


def test_a_cap_of_each_k_takes_from_as_many_subjects_as_there_are(sqlite_catalog: Engine) -> None:
    with filling(sqlite_catalog) as fill:
        for person, count in enumerate((12, 4, 4, 2)):
            for number in range(count):
                fill.dated_face(f"p{person}", f"{person}-{number}", 1980 + number % 2 * 10)
    build_pair_set(sqlite_catalog, settings=PairSettings(k=(10,), per_k=6, per_subject_k=4))
    with sqlite_catalog.connect() as connection:
        rows = load_pairs(connection, found(connection).id)
    # Four subjects first, then the second pairs of two of the three that have one.
    assert sorted(Counter(rows.subject_id.tolist()).values()) == [1, 1, 2, 2]


def test_a_subject_with_thousands_of_faces_is_chosen_by_the_same_rule(
    sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the packed integers would not fit, a slower sort takes their place."""
    with filling(sqlite_catalog) as fill:
        for number in range(60):
            fill.dated_face("one", f"{number}", 1950 + number % 30)
    with sqlite_catalog.connect() as connection:
        faces = load_dated_faces(connection, FaceFloors())
    settings = PairSettings(seed=2, per_subject_k=3)
    packed = choose(faces, settings)
    monkeypatch.setattr("curation.pairing.choose._WORD_BITS", 10)
    np.testing.assert_array_equal(packed.younger, choose(faces, settings).younger)
    np.testing.assert_array_equal(packed.older, choose(faces, settings).older)


def fill_strangers(fill: Filler) -> None:
    for person in range(24):
        for number in range(4):
            sex = "F" if person % 2 else "male"
            photo_id = fill.photo(f"{person}-{number}", site="set", subject=f"p{person}", raw={"sex": sex})
            fill.year(photo_id, 1980 + number * 5)
            fill.face(photo_id, subject=f"p{person}", blur=float(person * 10 + number))


def test_strangers_have_the_same_k_sex_split_and_another_person(catalog: Engine) -> None:
    with filling(catalog) as fill:
        fill_strangers(fill)
    settings = PairSettings(negatives=1.5, split=SHARES, split_seed=1)
    result = build_pair_set(catalog, settings=settings)
    person = select(Face.id, Face.subject_id, TakenYear.year, Photo.site_id)
    person = person.join(Photo, Photo.id == Face.photo_id).join(TakenYear, TakenYear.photo_id == Photo.id)
    with catalog.connect() as connection:
        pairs, others = pairs_of_set(connection, found(connection), data=Path())
        known = {row.id: row for row in connection.execute(person)}
    split = {f"p{n}": split_of(f"p{n}", seed=1, shares=parse_shares(SHARES)) for n in range(24)}
    assert len(set(split.values())) == 2
    assert len(others) == result["strangers"]["pairs"] > len(pairs)
    assert len({(a, b) for a, b in zip(others.younger.tolist(), others.older.tolist(), strict=True)}) == len(others)
    for index in range(len(others)):
        one, other = known[int(others.younger[index])], known[int(others.older[index])]
        names = [row.site_id.split("-")[0] for row in (one, other)]
        assert names[0] != names[1]
        assert int(names[0]) % 2 == int(names[1]) % 2
        assert split[f"p{names[0]}"] is split[f"p{names[1]}"]
        assert other.year - one.year == others.gap_years[index] > 0
    assert result == build_pair_set(catalog, settings=settings)
    assert result["sha256"] != build_pair_set(catalog, settings=PairSettings(split=SHARES, split_seed=1))["sha256"]


def test_a_share_of_strangers_is_drawn_and_nobody_fit_is_counted(
    sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with filling(sqlite_catalog) as fill:
        fill_strangers(fill)
        for year in (1900, 1901):
            fill.dated_face("alone in those years", f"{year}", year)
    half = build_pair_set(sqlite_catalog, settings=PairSettings(negatives=0.5, split="all=train"))
    # A draw of 145 coins, less the few strangers drawn twice.
    assert 40 < half["strangers"]["pairs"] + half["strangers"]["nobody_fit"] < 105
    whole = build_pair_set(sqlite_catalog, settings=PairSettings(negatives=1, split="all=train"))
    assert whole["strangers"]["nobody_fit"] == 1
    monkeypatch.setattr(strangers, "WINDOW", 0)  # then each face has only itself for a neighbour
    none = build_pair_set(sqlite_catalog, settings=PairSettings(negatives=1, split="all=train"))
    assert none["strangers"] == {"pairs": 0, "nobody_fit": none["pairs"]}


def two_sides(connection: Connection) -> tuple[str, str]:
    """Return two names that the shares put on different sides."""
    shares = parse_shares(SHARES)
    names = [f"person {number}" for number in range(20)]
    first = next(name for name in names if split_of(name, seed=0, shares=shares) is Split.TRAIN)
    return first, next(name for name in names if split_of(name, seed=0, shares=shares) is Split.TEST)


def fill_a_leak(engine: Engine) -> tuple[str, str]:
    with filling(engine) as fill:
        train, test = two_sides(fill.connection)
        for name in (train, test):
            for year in (1980, 1990):
                fill.dated_face(name, f"{name} {year}", year)
            fill.dated_face(name, f"{name} copy", 2000, crop_sha256="ab" * 32, perceptual_hash=None)
    return train, test


def test_a_picture_in_two_splits_stops_the_build_in_one_sentence(catalog: Engine) -> None:
    train, test = fill_a_leak(catalog)
    with pytest.raises(DataFailed) as caught:
        build_pair_set(catalog, settings=PairSettings(split=SHARES))
    sentence = str(caught.value)
    assert f"flickr/{train} copy of {train} (train) and flickr/{test} copy of {test} (test)" in sentence
    assert "2 faces" in sentence
    assert "curate dedupe" in sentence
    dropped = build_pair_set(catalog, settings=PairSettings(split=SHARES, leaks="drop"))
    assert dropped["left_out"]["faces_in_two_splits"] == 1
    assert dropped["by_split"] == {"train": 1, "val": 0, "test": 3}
    allowed = build_pair_set(catalog, settings=PairSettings(split=SHARES, leaks="allow"))
    assert allowed["by_split"] == {"train": 3, "val": 0, "test": 3}


def test_near_copies_that_dedupe_found_leak_too(sqlite_catalog: Engine) -> None:
    fill_a_leak(sqlite_catalog)
    with filling(sqlite_catalog) as fill:
        crops = fill.connection.execute(
            select(Face.id).join(Photo, Photo.id == Face.photo_id).where(Photo.site_id.like("%copy"))
        )
        one, other = crops.scalars().all()
        fill.connection.execute(update(Face).where(Face.id == other).values(crop_sha256="cd" * 32))
    build_pair_set(sqlite_catalog, settings=PairSettings(split=SHARES))
    with filling(sqlite_catalog) as fill:
        rows = [{"face_id": face, "group_id": one, "kind": "near", "distance": 2} for face in (one, other)]
        fill.connection.execute(insert(DuplicateFace), rows)
    with pytest.raises(DataFailed, match="two splits"):
        build_pair_set(sqlite_catalog, settings=PairSettings(split=SHARES))


def test_two_names_of_one_person_are_on_one_side(catalog: Engine) -> None:
    train, test = fill_a_leak(catalog)
    with filling(catalog) as fill:
        row: dict[str, Any] = {"kind": "merge", "face_ids": [], "score": 0.9, "created_at": NOW}
        ids = {row.name: row.id for row in fill.connection.execute(select(Subject.name, Subject.id))}
        row |= {"subject_id": ids[test], "other_subject_id": ids[train]}
        fill.connection.execute(insert(IdentityProposal), [row | {"state": "accepted"}])
    result = build_pair_set(catalog, settings=PairSettings(split=SHARES))
    side = "train" if train < test else "test"
    assert result["by_split"] == {"train": 0, "val": 0, "test": 0} | {side: 6}


def test_a_person_stays_in_its_split_when_a_crawl_adds_people(sqlite_catalog: Engine) -> None:
    def sides() -> dict[str, int]:
        with sqlite_catalog.connect() as connection:
            subjects = load_subjects(connection)
        split = splits_of(subjects, people_of(subjects, []), shares=SHARES, seed=4)
        return dict(zip(subjects.name, split.tolist(), strict=True))

    with filling(sqlite_catalog) as fill:
        for number in range(0, 60, 2):
            fill.subject(f"p{number}")
    before = sides()
    with filling(sqlite_catalog) as fill:
        for number in range(1, 60, 2):
            fill.subject(f"p{number}")
    after = sides()
    assert {name: after[name] for name in before} == before
    assert len(set(before.values())) == 2


def test_chains_of_merges_are_one_person() -> None:
    subjects = Subjects(np.array([7, 3, 9, 5]), ("d", "b", "c", "a"))
    assert people_of(subjects, [(7, 9), (9, 3), (3, 7), (5, 99)]).tolist() == [1, 1, 1, 3]


def fill_years(fill: Filler) -> None:
    for person in range(4):
        for number in range(8):
            photo_id = fill.photo(f"{person}-{number}", subject=f"p{person}")
            year = 1960 + number * 4
            fill.year(photo_id, year, confidence=0.8, year_min=year - number % 3, year_max=year + number % 2)
            fill.face(photo_id, subject=f"p{person}")


@pytest.mark.parametrize("storage", ["parquet", "virtual"])
def test_every_storage_gives_the_same_pairs_and_fingerprint(catalog: Engine, tmp_path: Path, storage: Any) -> None:
    with filling(catalog) as fill:
        fill_years(fill)
    as_rows = build_pair_set(catalog, name="rows", settings=PairSettings(negatives=1), data=tmp_path)
    other = build_pair_set(catalog, name="other", settings=PairSettings(negatives=1, storage=storage), data=tmp_path)
    assert (as_rows["pairs"], as_rows["sha256"]) == (other["pairs"], other["sha256"])
    with catalog.connect() as connection:
        one, one_strangers = pairs_of_set(connection, found(connection, "rows"), data=tmp_path)
        two, two_strangers = pairs_of_set(connection, found(connection, "other"), data=tmp_path)
        assert not len(load_pairs(connection, found(connection, "other").id))
        assert found(connection, "other").found == other["pairs"]
    orders = [np.lexsort((rows.older, rows.younger)) for rows in (one, two)]
    for column in ("younger", "older", "subject_id", "gap_years", "gap_min", "gap_max", "confidence"):
        values = [getattr(rows, column)[order] for rows, order in zip((one, two), orders, strict=True)]
        np.testing.assert_allclose(values[0], values[1], rtol=1e-6, err_msg=column)
    assert (one.gap_min < one.gap_years).any()
    ends = [sorted(zip(s.younger.tolist(), s.older.tolist(), strict=True)) for s in (one_strangers, two_strangers)]
    assert ends[0] == ends[1] != []


def test_a_file_of_pairs_has_the_same_bytes_again_and_goes_with_its_set(sqlite_catalog: Engine, tmp_path: Path) -> None:
    with filling(sqlite_catalog) as fill:
        fill_years(fill)
    settings = PairSettings(storage="parquet", direction="both")
    path = tmp_path / build_pair_set(sqlite_catalog, settings=settings, data=tmp_path)["path"]
    before = path.read_bytes()
    rows = pq.read_table(path).to_pylist()
    there = {(row["first_face_id"], row["second_face_id"]): row for row in rows if not row["is_turned"]}
    back = {(row["second_face_id"], row["first_face_id"]): row for row in rows if row["is_turned"]}
    assert there.keys() == back.keys()
    for ends, row in there.items():
        assert (row["gap_years"], row["gap_min"]) == (-back[ends]["gap_years"], -back[ends]["gap_max"])
    build_pair_set(sqlite_catalog, settings=settings, data=tmp_path)
    assert path.read_bytes() == before
    other = (
        tmp_path
        / build_pair_set(sqlite_catalog, settings=PairSettings(storage="parquet", k_max=8), data=tmp_path)["path"]
    )
    assert list((tmp_path / "pairs").iterdir()) == [other] != [path]
    build_pair_set(sqlite_catalog, settings=PairSettings(), data=tmp_path)
    assert list((tmp_path / "pairs").iterdir()) == []


def test_a_virtual_set_that_would_come_out_otherwise_is_told(sqlite_catalog: Engine, tmp_path: Path) -> None:
    with filling(sqlite_catalog) as fill:
        fill_years(fill)
    build_pair_set(sqlite_catalog, settings=PairSettings(storage="virtual", k=(4, 8)), data=tmp_path)
    with filling(sqlite_catalog) as fill:
        fill.connection.execute(update(TakenYear).where(TakenYear.photo_id == 1).values(year=1961, year_max=1962))
    with sqlite_catalog.connect() as connection, pytest.raises(DataFailed, match="run `curate build-pairs` again"):
        pairs_of_set(connection, found(connection), data=tmp_path)


def test_a_fingerprint_made_anew_is_that_of_the_pairs_that_are_left(catalog: Engine) -> None:
    with filling(catalog) as fill:
        fill_years(fill)
        for number in range(3):  # a photo with two faces of one person
            fill.face(number + 1, subject="p0")
    built = build_pair_set(catalog, settings=PairSettings(negatives=1, k_min=0))["sha256"]
    with catalog.begin() as connection:
        connection.execute(update(PairSet).values(sha256=DROPPED))
        renew_fingerprints(connection)
        assert found(connection).sha256 == built
        first = connection.scalar(select(Pair.younger_face_id).limit(1))
        connection.execute(delete(Pair).where(Pair.younger_face_id == first))
        connection.execute(update(PairSet).values(sha256=DROPPED))
        renew_fingerprints(connection)
        assert found(connection).sha256 not in (built, DROPPED)
        assert len(load_strangers(connection, found(connection).id))


def test_flags_reach_the_settings_and_wrong_ones_are_told(
    sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    seen: list[PairSettings] = []

    def fake(_engine: Engine, *, name: str, settings: PairSettings) -> dict[str, Any]:
        seen.append(settings)
        return {"name": name}

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sets, "build_pair_set", fake)
    monkeypatch.setattr("db.session.open_catalog", lambda: sqlite_catalog)
    flags = ["--k", "5,10", "--per-k", "9", "--same-event", "--negatives", "2", "--storage", "virtual"]
    curate.main(["build-pairs", *flags, "--direction", "both", "--leaks", "drop"], standalone_mode=False)
    expected = PairSettings(
        k=(5, 10), per_k=9, not_same_event=False, negatives=2, storage="virtual", direction="both", leaks="drop"
    )
    assert seen == [expected]
    with pytest.raises(Exception, match="5,10,20,30"):
        curate.main(["build-pairs", "--k", "five"], standalone_mode=False)
    with pytest.raises(SettingsError, match="storage 'parquet' or 'virtual'"):
        curate.main(["build-pairs", "--direction", "both"], standalone_mode=False)
    with pytest.raises(SettingsError, match="names a K twice"):
        PairSettings(k=(5, 5))
