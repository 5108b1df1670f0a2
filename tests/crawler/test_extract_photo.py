"""What of a stored photo the reader of years is given, and which rows come of a reading."""

from pathlib import Path
from typing import Any

import pytest

from crawler.exif import ExifDates
from crawler.extract_photo import evidence_rows, photo_text, read_stored, read_text, why_left, year_row
from crawler.taken_year import VERSION, PhotoText
from db.photo_texts import StoredPhoto
from tests.crawler.fake_site import drawn_image


def stored_photo(**changes: Any) -> StoredPhoto:
    """Return a photo of which nothing is known but `changes`."""
    known = {"id": 1, "site": "flickr", "site_id": "1", "state": "pending", **changes}
    return StoredPhoto(**{**dict.fromkeys(StoredPhoto.__dataclass_fields__), **known})


def test_each_date_of_a_photo_reaches_its_field() -> None:
    photo = stored_photo(
        title="t", description="d", tags="a b", file_name="f.jpg", date_taken="2001-02-03 04:05:06",
        date_taken_granularity=4, date_taken_unknown=False, date_text="circa 1960", subject_name="Marta Quillon",
        birth_year=1950, death_year=2001,
    )  # fmt: skip
    exif = ExifDates("2003:02:01 10:20:30", "2004:01:01 00:00:00", "2005:01:01 00:00:00", "EPSON", "1984-05-06", "1985")
    text = photo_text(photo, exif)
    assert (text.title, text.description, text.tags, text.file_name) == ("t", "d", "a b", "f.jpg")
    assert (text.date_taken, text.date_taken_granularity, text.date_taken_unknown) == ("2001-02-03 04:05:06", 4, False)
    assert (text.exif_original, text.exif_digitised, text.exif_modified) == (
        exif.original,
        exif.digitised,
        exif.modified,
    )
    assert (text.device, text.iptc_date, text.xmp_date) == ("EPSON", "1984-05-06", "1985")
    assert (text.date_text, text.source) == ("circa 1960", "flickr")
    assert (text.subject_name, text.birth_year, text.death_year) == ("Marta Quillon", 1950, 2001)


def test_what_the_site_says_of_the_exif_date_counts_where_the_file_is_silent() -> None:
    photo = stored_photo(exif_taken="1999:08:07 06:05:04")
    assert photo_text(photo, ExifDates()).exif_original == "1999:08:07 06:05:04"
    assert photo_text(photo, ExifDates("2000:01:02 03:04:05")).exif_original == "2000:01:02 03:04:05"


@pytest.mark.parametrize(
    ("machine_tags", "date_text"),
    [
        ("dc:date=1984", "1984"),
        ("geo:lat=51.5 dcterms:created=1984-05-06 x:y=2", "1984-05-06"),
        ('taken:year="1984"', "1984"),
        ("dc:date=1984 taken:year=1984", "1984"),
        ("dc:date=1984 taken:year=1985", None),
        ("upcoming:event=1984 lastfm:event=19840506", None),
        ("abcdc:date=1984", None),
        (None, None),
    ],
)
def test_machine_tags_of_taking_are_a_date_text_and_no_others(machine_tags: str | None, date_text: str | None) -> None:
    assert photo_text(stored_photo(machine_tags=machine_tags), ExifDates()).date_text == date_text


def test_a_date_field_of_the_site_goes_before_machine_tags() -> None:
    photo = stored_photo(machine_tags="dc:date=1984", date_text="about 1960")
    assert photo_text(photo, ExifDates()).date_text == "about 1960"


def test_only_a_file_that_is_stored_is_opened(tmp_path: Path) -> None:
    (tmp_path / "1.jpg").write_bytes(drawn_image(1))
    years = [
        read_stored(stored_photo(state=state, path=path), tmp_path).taken.year
        for state, path in [
            ("done", "1.jpg"),
            ("done", str(tmp_path / "1.jpg")),
            ("pending", "1.jpg"),
            ("done", "2.jpg"),
        ]
    ]
    assert years == [2003, 2003, None, None]


def test_the_chosen_date_has_no_reason_and_each_other_one_has() -> None:
    reading = read_text(PhotoText(title="Marta (born 1931), 3 May 1968", tags="1968 portrait", date_taken="2004-05-06"))
    reasons = {one.words: why_left(reading, place) for place, one in enumerate(reading.found) if one.source == "title"}
    assert reading.taken.year == 1968
    assert len(reading.chosen) == 1
    assert [words for words, why in reasons.items() if why is None] == [reading.found[min(reading.chosen)].words]
    of_tag, of_clock = (
        why_left(reading, place) for place, one in enumerate(reading.found) if one.source in ("tags", "date_taken")
    )
    assert of_tag is not None and "agrees" in of_tag
    assert of_clock is not None and "agrees" not in of_clock


def test_of_dates_that_differ_all_are_what_the_answer_stands_on() -> None:
    reading = read_text(PhotoText(title="Marta, 1984", description="Marta, 1991"))
    assert reading.taken.year is None
    rows = evidence_rows(1, reading)
    assert {row["year_min"] for row in rows if row["is_chosen"]} == {1984, 1991}
    assert all(row["why"] for row in rows)


def test_the_rows_say_what_the_reading_says() -> None:
    reading = read_text(PhotoText(title="Marta, about 1984"))
    row = year_row(7, reading.taken)
    assert (row["photo_id"], row["year"], row["edtf"], row["version"]) == (7, 1984, "1984~", VERSION)
    (proof,) = evidence_rows(7, reading)
    assert (proof["photo_id"], proof["place"], proof["source"], proof["is_chosen"]) == (7, 0, "title", True)
    assert (proof["year_min"], proof["year_max"]) == (row["year_min"], row["year_max"])


def test_a_photo_of_which_nothing_is_known_has_a_row_with_the_reason_and_no_evidence() -> None:
    reading = read_text(PhotoText())
    row = year_row(1, reading.taken)
    assert (row["year"], row["edtf"], row["confidence"]) == (None, None, 0.0)
    assert row["reason"]
    assert evidence_rows(1, reading) == []
