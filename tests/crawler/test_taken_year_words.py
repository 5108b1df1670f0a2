"""The vocabulary files: what each language must bring, and that reading them finds what is in them."""

import json
from importlib import resources

import pytest

from crawler.taken_year.clean import fold
from crawler.taken_year.words import vocabulary

LANGUAGES = {
    file.name.removesuffix(".json"): json.loads(file.read_text("utf-8"))
    for file in resources.files("crawler.taken_year").joinpath("vocabulary").iterdir()
    if file.name.endswith(".json")
}
KINDS = frozenset(LANGUAGES["en"]) | {"street_first", "street_lead", "street_ending", "decade_prefix"}


def test_the_languages_asked_for_are_there() -> None:
    asked = "en de fr es it pt nl sv pl cs ru uk tr ja zh ko ar"
    assert set(asked.split()) <= set(LANGUAGES)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_language_has_words_for_the_main_roles(language: str) -> None:
    assert {"taken", "digitised", "published", "born", "died", "built", "circa", "relative"} <= set(LANGUAGES[language])


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_a_language_uses_no_kind_that_nobody_reads(language: str) -> None:
    assert set(LANGUAGES[language]) <= KINDS


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_months_are_twelve_or_written_with_numbers(language: str) -> None:
    assert len(LANGUAGES[language].get("months", [])) in (0, 12)


@pytest.mark.parametrize("language", sorted(LANGUAGES))
def test_each_month_is_known_as_a_month(language: str) -> None:
    for names in LANGUAGES[language].get("months", []):
        assert all("month" in vocabulary().of(fold(name).rstrip("*")) for name in names)
