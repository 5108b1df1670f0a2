"""Other forms of a name, for sites that have nothing for it as written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.crawl_settings import CrawlSettings
from crawler.name_forms import in_plain_letters, other_forms, without_initials
from crawler.names import Name, parse_name
from crawler.sites.flickr.site import FlickrSite
from crawler.sites.found import Step
from db.window_rows import Window
from tests.crawler.flickr_in_memory import NOW, Flickr, crawl, photos_of


def _name(text: str) -> Name:
    name = parse_name(text)
    assert name is not None
    return name


@pytest.mark.parametrize(
    ("text", "forms"),
    [
        ("George W Bush", [("no-initial", '"George Bush"')]),
        ("George H. W. Bush", [("no-initial", '"George Bush"')]),
        ("John Q Adams Jr", [("no-initial", '"John Adams Jr"')]),
        ("Aaron Eckhart", []),
        ("Pelé", [("transliterated", '"Pele"')]),
        ("José W. Müller", [("no-initial", '"José Müller"'), ("transliterated", '"Jose W. Muller"'),
                            ("transliterated", '"Jose Muller"')]),
        ("Владимир Путин", [("transliterated", '"Vladimir Putin"')]),
        ("J K Rowling", [("no-initial", '"J Rowling"')]),
        ("W Bush", []),
        ("O'Hara", []),
    ],
)  # fmt: skip
def test_a_name_has_other_forms(text: str, forms: list[tuple[str, str]]) -> None:
    assert [(form.kind, form.phrase) for form in other_forms(_name(text))] == forms


@pytest.mark.parametrize("text", ["Álvaro É Ñ", "Zoë", "Ḧ Ẅ Ÿ"])
def test_a_letter_with_marks_is_an_initial_too_but_no_name_loses_its_ends(text: str) -> None:
    words = text.split()
    assert without_initials(text).split()[0] == words[0]
    assert without_initials(text).split()[-1] == words[-1]


@given(st.text(max_size=30))
def test_plain_letters_are_ascii_and_end_no_phrase(text: str) -> None:
    plain = in_plain_letters(text)
    assert plain.isascii()
    assert '"' not in plain or text.isascii()


def test_other_forms_are_asked_for_only_where_the_name_finds_nothing() -> None:
    assert crawl(Flickr(photos_of(1, seed=1))).follow_ups == []
    assert crawl(Flickr([]), fallbacks=False).follow_ups == []


def test_a_name_that_finds_only_forbidden_photos_is_known_to_the_site() -> None:
    assert crawl(Flickr(photos_of(3, seed=1, licences="0"))).follow_ups == []


def test_follow_ups_are_of_the_same_subject_with_their_kind() -> None:
    window = Window(
        1, 1, 1, "Jürgen_K_Weiß", "Jürgen K Weiß", '"Jürgen K Weiß"', "phrase",
        None, None, NOW, "date-posted-asc", None, 0, None,
    )  # fmt: skip
    step = FlickrSite(CrawlSettings(), planned_at=NOW).read(
        window, Flickr([]).answer({"per_page": "500", "page": "1"}), {}
    )
    assert isinstance(step, Step)
    assert [(want.name, want.kind, want.text) for want in step.follow_ups] == [
        ("Jürgen_K_Weiß", "no-initial", '"Jürgen Weiß"'),
        ("Jürgen_K_Weiß", "transliterated", '"Jurgen K Weiss"'),
        ("Jürgen_K_Weiß", "transliterated", '"Jurgen Weiss"'),
    ]
    assert {want.window.max_upload for want in step.follow_ups} == {NOW}
