"""Each number in a text is the date of something: the role says of what, and the span says where it stands."""

import pytest

from crawler.taken_year import Candidate, PhotoText, explain


def _only(text: str) -> Candidate:
    (candidate,) = explain(PhotoText(description=text))
    return candidate


@pytest.mark.parametrize(
    ("text", "role"),
    [
        ("Taken in 1984", "taken"),
        ("Toma Revik, Paris 1984", "caption"),
        ("Scanned in 2007", "digitised"),
        ("Uploaded 2010", "upload"),
        ("© 2009 Studio North", "publication"),
        ("published 1970", "publication"),
        ("born 1931", "birth_death"),
        ("died 1990", "birth_death"),
        ("Toma Revik (1931-1990)", "birth_death"),
        ("at the 1972 city marathon", "event"),
        ("50th anniversary of 1945", "anniversary"),
        ("his 1938 Austin", "object"),
        ("retro 1982 shirt", "object"),
        ("sign reading 1949", "object"),
        ("mayor 1981-1989", "term"),
        ("class of 1962", "term"),
        ("built 1931", "founding"),
        ("since 1898", "founding"),
        ("1945 Elm Avenue", "identifier"),
        ("ISO 1600", "identifier"),
        ("2000 pixels", "identifier"),
        ("$1999", "identifier"),
        ("room 1984", "identifier"),
        ("before 1950", "bound"),
        ("In 1963 she married", "narrative"),
    ],
)
def test_a_number_has_the_role_of_what_it_dates(text: str, role: str) -> None:
    assert _only(text).role == role


def test_every_date_of_a_record_is_kept_with_why_it_was_left() -> None:
    found = explain(PhotoText(description="Uploaded 2012, scanned 2007, taken 1984"))
    assert [(c.words, c.role, c.accepted) for c in found] == [
        ("2012", "upload", False),
        ("2007", "digitised", False),
        ("1984", "taken", True),
    ]
    assert [c.why is None for c in found] == [False, False, True]


@pytest.mark.parametrize(
    "text",
    ["<b>Maria</b> &ndash; May&nbsp;1971", "昭和50年 夏", "Ｍａｒｉａ １９７１", "see https://example.org/1999 1971"],
)
def test_a_span_is_one_of_the_raw_text(text: str) -> None:
    candidate = _only(text)
    assert text[candidate.start : candidate.end] == candidate.words


def test_the_clock_of_a_scanner_is_a_digitisation() -> None:
    found = explain(PhotoText(file_name="scan0361.jpg", exif_original="2010:10:10 10:10:10"))
    assert [(c.source, c.role) for c in found] == [("exif", "digitised")]


def test_an_exact_date_beats_the_edition_of_an_event() -> None:
    found = explain(PhotoText(title="Harbour Games 2012, 28 July 2011"))
    assert {(c.words, c.precision) for c in found if c.accepted} >= {("2011", "day")}
