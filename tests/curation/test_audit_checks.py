"""The checks of `curate audit`, each on hand-made labels."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agegap.errors import SettingsError, UnknownName
from curation.audit.falling_age import _rising, check_falling_age
from curation.audit.finding import Finding
from curation.audit.known import IMAGE_CHECKS, LABEL_CHECKS, NAMES, find_checks
from curation.audit.same_pictures import same_pictures
from curation.audit.settings import AuditSettings
from db.audit_labels import LabelledPhoto, PicturedFaces

NOBODY = LabelledPhoto(
    photo_id=1,
    site="album",
    site_id="a",
    subject_id=None,
    subject=None,
    **dict.fromkeys(("age", "year", "year_min", "year_max"), None),
    **dict.fromkeys(("birth_min", "birth_max", "death_min", "death_max"), None),
    **dict.fromkeys(("sex", "race", "picture", "birth_date", "taken_date"), None),
)
THIS_YEAR = datetime.now(UTC).year


def photos(*rows: dict[str, Any], subject: int | None = 7) -> list[LabelledPhoto]:
    """Return photos of one subject; `year` stands for its interval too."""
    made = []
    for number, row in enumerate(rows, start=1):
        if row.get("year") is not None:
            row = {"year_min": row["year"], "year_max": row["year"], **row}
        made.append(replace(NOBODY, photo_id=number, site_id=f"p{number}", subject_id=subject, **row))
    return made


def found(check: str, rows: list[LabelledPhoto], **settings: Any) -> list[Finding]:
    return list(LABEL_CHECKS[check](rows, AuditSettings(**settings)))


def changed(findings: list[Finding]) -> dict[int, dict[str, Any]]:
    """Return the new values of a finding's fix by photo."""
    values: dict[int, dict[str, Any]] = {}
    for finding in findings:
        for change in finding.changes:
            values.setdefault(change.row_id, {}).update(change.new)
    return values


@pytest.mark.parametrize(("age", "is_found"), [(-1, True), (0, False), (116, False), (117, True), (None, False)])
def test_an_age_nobody_has_is_found(age: float | None, is_found: bool) -> None:
    findings = found("impossible_age", photos({"age": age}, subject=None))
    assert bool(findings) == is_found
    assert changed(findings) == ({1: {"age_label": None}} if is_found else {})


@pytest.mark.parametrize(
    ("row", "is_found"),
    [
        ({"year": 1825}, True),
        ({"year": 1826}, False),
        ({"year": THIS_YEAR + 1}, False),
        ({"year": THIS_YEAR + 2}, True),
        ({"year_min": 1820, "year_max": 1830}, False),
        ({"year": None}, False),
        ({"year": 2002, "site": "morph2"}, True),
        ({"year": 2003, "site": "morph2"}, False),
        ({"year": 2008, "site": "morph2"}, True),
    ],
)
def test_a_year_in_which_no_photo_was_taken_is_found(row: dict[str, Any], is_found: bool) -> None:
    findings = found("impossible_year", photos(row))
    assert bool(findings) == is_found
    assert all(values["year"] is None and values["reason"] for values in changed(findings).values())


@pytest.mark.parametrize(
    ("check", "row", "is_found"),
    [
        ("before_birth", {"year": 1949, "birth_min": 1950, "birth_max": 1950}, True),
        ("before_birth", {"year": 1950, "birth_min": 1950, "birth_max": 1950}, False),
        ("before_birth", {"year": 1949, "birth_min": 1940, "birth_max": 1959}, False),
        ("before_birth", {"year_min": 1940, "year_max": 1950, "birth_min": 1950, "birth_max": 1950}, False),
        ("before_birth", {"year": 1949}, False),
        ("after_death", {"year": 2001, "death_min": 2000, "death_max": 2000}, True),
        ("after_death", {"year": 2000, "death_min": 2000, "death_max": 2000}, False),
        ("after_death", {"year": 2001, "death_min": 1990, "death_max": 2009}, False),
        ("after_death", {"year_min": 2000, "year_max": 2010, "death_min": 2000, "death_max": 2000}, False),
        ("after_death", {"year": 2001}, False),
    ],
)
def test_a_year_outside_a_life_is_found(check: str, row: dict[str, Any], is_found: bool) -> None:
    assert bool(found(check, photos(row))) == is_found


@pytest.mark.parametrize(
    ("row", "is_found"),
    [
        ({"age": 40, "year": 1990, "birth_min": 1950, "birth_max": 1950}, False),
        ({"age": 39, "year": 1990, "birth_min": 1950, "birth_max": 1950}, False),
        ({"age": 41, "year": 1990, "birth_min": 1950, "birth_max": 1950}, False),
        ({"age": 41.9, "year": 1990, "birth_min": 1950, "birth_max": 1950}, False),
        ({"age": 42, "year": 1990, "birth_min": 1950, "birth_max": 1950}, True),
        ({"age": 38, "year": 1990, "birth_min": 1950, "birth_max": 1950}, True),
        ({"age": 38, "year": 1990, "birth_min": 1950, "birth_max": 1951}, False),
        ({"age": 38, "year_min": 1988, "year_max": 1990, "birth_min": 1950, "birth_max": 1950}, False),
        ({"age": 20, "year": 1990}, False),
        ({"age": 20, "year": 1990, "birth_min": 1950, "birth_max": 1950, "birth_date": "1970-01-01"}, False),
        ({"age": 40, "year": 1990, "birth_min": 1950, "birth_max": 1950, "birth_date": "1970"}, True),
    ],
)
def test_an_age_that_goes_not_with_year_and_birth_is_found(row: dict[str, Any], is_found: bool) -> None:
    findings = found("age_and_dates", photos(row))
    assert bool(findings) == is_found
    assert changed(findings) == ({1: {"age_label": None}} if is_found else {})


def test_where_nobody_tells_the_birth_most_photos_do() -> None:
    rows = photos(
        {"age": 20, "year": 1990}, {"age": 30, "year": 2000}, {"age": 11, "year": 1980}, {"age": 50, "year": 1995}
    )
    (finding,) = found("age_and_dates", rows)
    assert (finding.photo_id, list(finding.changes)) == (4, [])
    assert "by the other photos" in finding.words


def test_two_photos_that_disagree_accuse_nobody() -> None:
    assert found("age_and_dates", photos({"age": 20, "year": 1990}, {"age": 50, "year": 1995})) == []


def test_photos_that_nobody_names_are_not_one_person() -> None:
    rows = photos({"sex": "m", "age": 1}, {"sex": "f", "age": 90}, {"age": 2, "picture": 1}, subject=None)
    assert [found(check, rows) for check in ("sex_flip", "collection_span", "falling_age")] == [[], [], []]


@pytest.mark.parametrize(
    ("ages", "site", "wrong"),
    [
        ([20, 25, 25], "morph2", None),
        ([20, 21, 27], "morph2", {3}),
        ([20, 21, 26], "morph2", set()),
        ([20, 26], "morph2", set()),
        ([20, 21, 30, 31], "morph2", set()),
        ([20, 21, 22, 40, 60], "morph2", {4, 5}),
        ([20, 26], "album", None),
        ([20, 30], "cacd2000", None),
        ([20, 31, 31], "cacd2000", {1}),
        ([20, None, 20], "morph2", None),
    ],
)
def test_a_span_the_collection_cannot_have_is_found(
    ages: list[float | None], site: str, wrong: set[int] | None
) -> None:
    findings = found("collection_span", photos(*({"age": age, "site": site} for age in ages)))
    assert bool(findings) == (wrong is not None)
    assert set(changed(findings)) == (wrong or set())


def test_the_window_of_an_own_set_is_a_setting() -> None:
    rows = photos({"age": 20, "year": 1999}, {"age": 23, "year": 1998})
    assert found("collection_span", rows, windows=("album:1999-1999",)) != []
    assert [finding.photo_id for finding in found("impossible_year", rows, windows=("album:1999-1999",))] == [2]


@pytest.mark.parametrize("window", ["album", "album:1999", "album:2000-1999", ":1999-2000"])
def test_a_window_that_is_none_is_told(window: str) -> None:
    with pytest.raises(SettingsError, match="must be like 'morph2:2003-2007'"):
        AuditSettings(windows=(window,)).window_years()


def test_a_flip_is_mended_to_what_most_photos_say() -> None:
    rows = photos({"sex": "m"}, {"sex": "m"}, {"sex": "f"}, {"sex": None})
    (finding,) = found("sex_flip", rows)
    assert finding.rows["counts"] == {"m": 2, "f": 1}
    assert changed([finding]) == {3: {"raw.sex": "m"}}


def test_a_flip_without_a_majority_is_for_a_person() -> None:
    (finding,) = found("race_flip", photos({"race": "B"}, {"race": "W"}))
    assert finding.changes == []


def test_sets_have_their_own_words_for_race() -> None:
    assert found("race_flip", photos({"race": "B", "site": "morph2"}, {"race": "Black", "site": "other"})) == []


def test_a_mended_birth_mends_the_age_that_came_of_it() -> None:
    taken = {"taken_date": "2006-03-02"}
    right = {"birth_date": "1951-05-01", "age": 54, **taken}
    rows = photos(
        right, right, {"birth_date": "1961-05-01", "age": 44, **taken}, {"birth_date": "1961-05-01", "age": 44}
    )
    (finding,) = found("birth_flip", rows[:3])
    assert changed([finding]) == {3: {"raw.birth_date": "1951-05-01", "age_label": 54.0}}
    (finding,) = found("birth_flip", [rows[0], rows[1], rows[3]])
    assert changed([finding]) == {4: {"raw.birth_date": "1951-05-01"}}


@pytest.mark.parametrize(
    ("ages", "wrong"),
    [
        ([20, 21, 21, 23], None),
        ([20, 19, 21], {1, 2}),
        ([20, 21, 18, 22], {3}),
        ([30, 21, 22, 23], {1}),
    ],
)
def test_an_age_that_falls_with_the_pictures_is_found(ages: list[float], wrong: set[int] | None) -> None:
    rows = photos(*({"age": age, "picture": number} for number, age in enumerate(ages)))
    findings = found("falling_age", rows[::-1])
    assert bool(findings) == (wrong is not None)
    if wrong is not None:
        cleared = set(changed(findings))
        assert len(cleared) == 1
        assert cleared <= wrong


def test_pictures_without_numbers_have_no_order() -> None:
    assert list(check_falling_age(photos({"age": 30}, {"age": 20}), AuditSettings())) == []


@given(st.lists(st.integers(0, 6), max_size=9))
def test_a_longest_rising_part_is_one(ages: list[int]) -> None:
    places = _rising([float(age) for age in ages])
    assert [ages[place] for place in places] == sorted(ages[place] for place in places)
    assert places == sorted(set(places))
    best = max(
        sum(1 for place in range(len(ages)) if bits >> place & 1)
        for bits in range(1 << len(ages))
        if [a for p, a in enumerate(ages) if bits >> p & 1] == sorted(a for p, a in enumerate(ages) if bits >> p & 1)
    )
    assert len(places) == best


def faces(*rows: tuple[int, float, int]) -> PicturedFaces:
    """Return faces by (subject, age, perceptual hash); each of its own photo and crop, taken in 1990."""
    n = len(rows)
    return PicturedFaces(
        face_id=np.arange(1, n + 1),
        photo_id=np.arange(101, 101 + n),
        subject_id=np.array([row[0] for row in rows], np.int64),
        age=np.array([row[1] for row in rows], np.float64),
        year_min=np.full(n, 1990.0),
        year_max=np.full(n, 1990.0),
        perceptual_hash=np.array([row[2] for row in rows], np.uint64),
        crop_key=np.arange(1, n + 1, dtype=np.uint64),
        file_key=np.zeros(n, np.uint64),
    )


HASH, OTHER = 0x0F0F_1234_5678_9ABC, 0xF0F0_EDCB_A987_6543


def of_images(check: str, table: PicturedFaces, **settings: Any) -> list[Finding]:
    bounds = AuditSettings(**settings)
    return list(IMAGE_CHECKS[check](table, same_pictures(table, near_bits=bounds.near_bits), bounds))


def test_one_picture_under_two_people_is_found_and_its_faces_dropped() -> None:
    table = faces((7, 20, HASH), (8, 20, HASH ^ 0b111), (7, 20, OTHER), (9, 20, OTHER ^ 0b1111), (0, 20, HASH))
    (finding,) = of_images("shared_image", table)
    assert finding.rows["subject_ids"] == [7, 8]
    assert {change.row_id for change in finding.changes} == {1, 2}
    assert len(of_images("shared_image", table, near_bits=4)) == 2


@pytest.mark.parametrize("key", ["crop_key", "file_key"])
def test_the_same_bytes_are_one_picture_whatever_their_hash(key: str) -> None:
    table = faces((7, 20, HASH), (8, 20, OTHER), (9, 20, HASH ^ 0xFFFF))
    keys: dict[str, Any] = {key: np.array([5, 5, 6], np.uint64)}
    table = replace(table, **keys)
    (finding,) = of_images("shared_image", table)
    assert finding.rows["subject_ids"] == [7, 8]


@pytest.mark.parametrize(
    ("ages", "cleared"),
    [([20, 21], None), ([20, 22], {101, 102}), ([20, 20, 40], {103}), ([20, float("nan")], None)],
)
def test_copies_with_different_ages_are_found(ages: list[float], cleared: set[int] | None) -> None:
    findings = of_images("duplicate_labels", faces(*((7, age, HASH) for age in ages)))
    assert bool(findings) == (cleared is not None)
    assert set(changed(findings)) == (cleared or set())


def test_copies_with_different_years_are_for_a_person() -> None:
    table = faces((7, 20, HASH), (0, 20, HASH))
    table = replace(table, year_min=np.array([1990.0, 1995]), year_max=np.array([1992.0, 1996]))
    (finding,) = of_images("duplicate_labels", table)
    assert (list(finding.changes), finding.subject_id) == ([], 7)


def test_copies_under_two_people_are_told_once() -> None:
    assert of_images("duplicate_labels", faces((7, 20, HASH), (8, 60, HASH))) == []


def test_a_catalog_without_faces_has_no_copies() -> None:
    assert [of_images(check, faces()) for check in IMAGE_CHECKS] == [[], []]


def test_checks_are_chosen_by_name() -> None:
    assert find_checks([]) == NAMES
    assert find_checks(["sex_flip"]) == ("sex_flip",)
    with pytest.raises(UnknownName, match="did you mean 'sex_flip'"):
        find_checks(["sexflip"])
