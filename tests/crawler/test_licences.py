"""What licences allow, and which of them a preset takes."""

import json
from pathlib import Path

import pytest

from agegap.errors import SettingsError
from crawler.law.commons_licences import facts_of
from crawler.law.flickr_licences import FLICKR_LICENCES
from crawler.law.licences import licence_facts
from crawler.law.presets import PRESETS, choose_licences, licence_ids
from crawler.sites.flickr.licence_list import ListedLicence, read_licence_list, trusted_ids
from crawler.sites.found import SiteFault


def _ids(text: str) -> set[int]:
    return {int(licence_id) for licence_id in licence_ids("flickr", text)}


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("all-open", set(range(1, 17))),
        ("commercial", {4, 5, 6, 7, 8, 9, 10, 11, 12, 13}),
        ("derivatives", set(range(1, 17)) - {3, 6, 13, 16}),
        ("public-domain", {7, 8, 9, 10}),
        ("commercial+derivatives", {4, 5, 7, 8, 9, 10, 11, 12}),
        ("4, 5", {4, 5}),
        ("public-domain,4", {4, 7, 8, 9, 10}),
        ("all-open,0", set(range(17))),
    ],
)
def test_a_choice_means_these_ids(text: str, ids: set[int]) -> None:
    assert _ids(text) == ids


@pytest.mark.parametrize("preset", PRESETS)
def test_no_preset_takes_all_rights_reserved(preset: str) -> None:
    assert 0 not in _ids(preset)
    assert not choose_licences("commons", preset).allows(None)


@pytest.mark.parametrize("text", ["", " , ", "99", "4,17", "comercial", "commercial+4", "-1"])
@pytest.mark.parametrize("site", ["flickr", "commons"])
def test_an_unknown_licence_is_refused_in_one_sentence(text: str, site: str) -> None:
    with pytest.raises(SettingsError, match="licences: "):
        choose_licences(site, text)


def test_a_near_miss_is_told() -> None:
    with pytest.raises(SettingsError, match="did you mean 'commercial'"):
        choose_licences("flickr", "comercial")


@pytest.mark.parametrize(
    ("code", "name", "url"),
    [
        ("cc-by-sa-4.0", "CC BY-SA 4.0", "https://creativecommons.org/licenses/by-sa/4.0/"),
        ("CC-BY-2.0", "CC BY 2.0", "https://creativecommons.org/licenses/by/2.0/"),
        ("cc-by-3.0-de", "CC BY 3.0 DE", "https://creativecommons.org/licenses/by/3.0/de/"),
        ("cc-by-sa-2.5,2.0,1.0", "CC BY-SA 2.5", "https://creativecommons.org/licenses/by-sa/2.5/"),
        ("cc-by-sa-3.0-migrated", "CC BY-SA 3.0", "https://creativecommons.org/licenses/by-sa/3.0/"),
        ("cc0", "CC0 1.0", "https://creativecommons.org/publicdomain/zero/1.0/"),
        ("pd", "Public domain", None),
        ("pd-usgov", "Public domain", None),
        ("gfdl", "GNU Free Documentation License", "https://www.gnu.org/copyleft/fdl.html"),
    ],
)
def test_a_code_of_commons_is_read(code: str, name: str, url: str | None) -> None:
    facts = facts_of(code)
    assert facts is not None
    assert (facts.name, facts.url, facts.licence_id) == (name, url, code)


@pytest.mark.parametrize("code", ["", " ", "fair use", "cc-by", "cc-by-nd-sa-4.0", "cc-by-9.9", "pdx", "4", "nonfree"])
def test_a_code_that_cannot_be_read_is_no_licence(code: str) -> None:
    assert facts_of(code) is None
    assert not choose_licences("commons", "all-open").allows(code)


def test_a_file_that_is_marked_non_free_has_no_licence() -> None:
    assert facts_of("cc-by-4.0", is_non_free=True) is None


@pytest.mark.parametrize(
    ("preset", "allowed", "refused"),
    [
        ("commercial", ["cc-by-sa-3.0-es", "pd", "cc0"], ["cc-by-nc-2.0", "cc-by-nc-nd-4.0"]),
        ("derivatives", ["cc-by-nc-sa-2.0", "gfdl"], ["cc-by-nd-3.0"]),
        ("public-domain", ["pd", "cc0", "cc-pd-mark", "no restrictions"], ["cc-by-4.0", "attribution"]),
        ("cc-by-4.0,public-domain", ["cc-by-4.0", "pd-old"], ["cc-by-3.0", "cc-by-sa-4.0"]),
    ],
)
def test_presets_work_for_commons_too(preset: str, allowed: list[str], refused: list[str]) -> None:
    choice = choose_licences("commons", preset)
    assert all(choice.allows(code) for code in allowed)
    assert not any(choice.allows(code) for code in refused)


def test_facts_are_by_site_and_unknown_ones_are_none() -> None:
    facts = licence_facts("flickr", "13")
    assert facts is not None
    assert (facts.name, facts.version, facts.terms.allows_derivatives, facts.terms.allows_commercial) == (
        "CC BY-ND 4.0",
        "4.0",
        False,
        True,
    )
    assert [licence_facts(*pair) for pair in (("flickr", "17"), ("flickr", None), ("elsewhere", "4"))] == [None] * 3


# -- the list that the site gives ------------------------------------------------------------------------------


def _listed(**changes: str) -> list[ListedLicence]:
    return [
        ListedLicence(number, facts.name, changes.get(f"url{number}", facts.url))
        for number, facts in FLICKR_LICENCES.items()
    ]


def test_what_the_site_lists_as_we_know_it_is_trusted() -> None:
    assert trusted_ids(_listed()) == set(FLICKR_LICENCES)
    assert trusted_ids([*_listed(), ListedLicence("17", "CC BY 5.0", None)]) == set(FLICKR_LICENCES)
    assert trusted_ids(_listed()[:5]) == set(list(FLICKR_LICENCES)[:5])


def test_an_id_that_means_another_deed_now_is_not_trusted() -> None:
    listed = _listed(
        url4="https://creativecommons.org/licenses/by-nc/2.0/", url5="http://www.creativecommons.org/licenses/by-sa/2.0"
    )
    assert set(FLICKR_LICENCES) - trusted_ids(listed) == {"4"}


@pytest.mark.parametrize(
    "answer", [{}, {"licenses": {}}, {"licenses": {"license": []}}, {"licenses": {"license": [{"id": ""}]}}]
)
def test_a_list_without_licences_is_tried_again(answer: dict[str, object]) -> None:
    fault = read_licence_list(json.dumps({"stat": "ok", **answer}).encode())
    assert isinstance(fault, SiteFault)
    assert fault.kind == "transient"


@pytest.mark.real_data
def test_the_recorded_list_is_trusted_as_far_as_it_goes(shared_data: Path) -> None:
    lines = (shared_data / "recorded" / "flickr_objects_cassettes.jsonl").read_text().splitlines()
    calls = [json.loads(line) for line in lines]
    (call,) = [call for call in calls if call["params"].get("method") == "flickr.photos.licenses.getInfo"]
    listed = read_licence_list(call["body"].encode())
    assert not isinstance(listed, SiteFault)
    assert trusted_ids(listed) == {str(number) for number in range(9)}
