"""The date field of a site: templates and HTML of Wikimedia Commons, and what wins over what."""

from dataclasses import replace

import pytest

from crawler.taken_year import PhotoText, explain, extract_taken_year


@pytest.mark.parametrize(
    ("field", "interval"),
    [
        ("1953", (1953, 1953)),
        ("{{circa|1912}}", (1910, 1914)),
        ("{{other date|~|1912}}", (1910, 1914)),
        ("{{other date|between|1930|1935}}", (1930, 1935)),
        ("{{other date|s|1920}}", (1920, 1929)),
        ("{{Taken on|1998-02-11|location=Norway}}", (1998, 1998)),
        ("{{According to Exif data|2005-03-04}}", (2005, 2005)),
        ('<time class="dtstart" datetime="1971-03-02">2 March 1971</time>', (1971, 1971)),
        ('circa 1912<div style="display: none;">date QS:P571,+1912-00-00T00:00:00Z/9</div>', (1910, 1914)),
        ("Taken on 5 March 2005, 12:13", (2005, 2005)),
        ("2009-07-18 10:11:12", (2009, 2009)),
    ],
)
def test_a_date_field_dates_the_photo(field: str, interval: tuple[int, int]) -> None:
    taken = extract_taken_year(PhotoText(title="Odd Lie", date_text=field))
    assert (taken.year_min, taken.year_max) == interval
    assert taken.source == "date_text"


@pytest.mark.parametrize(
    ("field", "role"),
    [
        ("{{Original upload date|2007-05-06}}", "upload"),
        ("{{Invalid Exif date|2007-05-06}}", "digitised"),
        ("{{other date|before|1940}}", "bound"),
    ],
)
def test_a_role_that_the_template_names_is_kept(field: str, role: str) -> None:
    photo = PhotoText(title="Odd Lie", date_text=field)
    assert extract_taken_year(photo).year is None
    assert [c.role for c in explain(photo)] == [role]


@pytest.mark.parametrize("field", ["{{unknown|date}}", "Unknown date", "{{{{{", "{{circa}}", "<time datetime='x'>"])
def test_a_field_without_a_date_gives_nothing(field: str) -> None:
    assert extract_taken_year(PhotoText(title="Odd Lie", date_text=field)).year is None


def test_words_of_taking_beat_the_field_and_the_field_beats_a_caption() -> None:
    assert extract_taken_year(PhotoText(title="Photographed in 1950", date_text="1953")).year == 1950
    assert extract_taken_year(PhotoText(title="Odd Lie 1950", date_text="1953")).year == 1953


def test_a_date_set_by_hand_in_the_file_beats_a_caption_unless_the_file_is_a_scan() -> None:
    assert extract_taken_year(PhotoText(title="Odd Lie 1950", iptc_date="19530402")).year == 1953
    scan = PhotoText(device="EPSON Perfection V600", exif_digitised="2010:04:02 10:00:00")
    assert extract_taken_year(replace(scan, title="Odd Lie 1950", iptc_date="20100402")).year == 1950
    assert extract_taken_year(replace(scan, title="Odd Lie", iptc_date="1984-00-00")).year == 1984


def test_a_machine_date_after_the_death_of_the_subject_is_a_reproduction() -> None:
    exif = "2012:01:05 20:00:00"
    assert extract_taken_year(PhotoText(title="Nils Aker", exif_original=exif)).year == 2012
    assert extract_taken_year(PhotoText(title="Nils Aker", exif_original=exif, death_year=1969)).year is None
    assert extract_taken_year(PhotoText(title="Nils Aker (1901-1969)", exif_original=exif)).year is None


def test_the_last_change_of_a_file_is_evidence_and_no_date() -> None:
    photo = PhotoText(title="Odd Lie", exif_modified="2012:01:05 20:00:00")
    assert extract_taken_year(photo).year is None
    assert [(c.role, c.rule) for c in explain(photo)] == [("digitised", "exif_modified")]
