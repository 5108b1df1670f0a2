"""Answers of the real wikis, recorded: ours have the same keys and types, but for exceptions that carry a reason."""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.photosite.wiki import WikiSite
from crawler.photosite.wiki.files import WikiFile
from crawler.photosite.wiki.search import FileIndex
from tests.crawler.wikis import ask, everyone, merged_pages, photos_of

pytestmark = pytest.mark.real_data

NOT_SERVED = {
    "page": {"globalusage": "prop=globalusage tells who uses a file, which no crawl of ours asks"},
    "extmetadata": {
        "GPSLatitude": "drawn photos are of no known place",
        "GPSLongitude": "the same",
        "GPSMapDatum": "the same",
        "Permission": "the text of a licence template, which says nothing that License does not",
    },
}
ONLY_OURS = {
    "imageinfo": {"responsiveUrls": "recorded in SearchVue's fixture (photo-sites.md 2.2), not in this folder"},
    "extmetadata": {"NonFree": "Commons itself has next to no such file; named by CommonsMetadata's own code"},
}
GENERATED = {"action": "query", "generator": "search", "gsrsearch": "filetype:bitmap|office", "gsrnamespace": "6"}


@pytest.fixture(scope="module")
def openverse(shared_data: Path) -> list[dict[str, Any]]:
    """Whole answers of Commons (generator=allimages, prop=imageinfo|globalusage)."""
    folder = shared_data / "recorded" / "openverse" / "wikimedia"
    answers = [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]
    found = [answer for answer in answers if isinstance(answer, dict) and "query" in answer]
    assert len(found) >= 12
    return found


@pytest.fixture(scope="module")
def flickypedia(shared_data: Path) -> list[tuple[dict[str, str], dict[str, Any]]]:
    """Calls of Commons' API in JSON: parameters and answer."""
    lines = (shared_data / "recorded" / "flickypedia.jsonl").read_text(encoding="utf-8").splitlines()
    calls = [json.loads(line) for line in lines]
    found = [call for call in calls if call["host"] == "commons.wikimedia.org" and call["path"] == "/w/api.php"]
    return [(call["params"], json.loads(call["body"])) for call in found if call["params"].get("format") == "json"]


@pytest.fixture(scope="module")
def ours() -> list[dict[str, Any]]:
    """All answers to Openverse's question about sixty people's photos, of all licences."""
    photos = [
        photo
        for place, licence in enumerate(["0", "1", "4", "5", "7", "9", "10", "11", "12"])
        for photo in photos_of("Ada_Onsel", 40, first=place * 40, license=licence, description="Words, <b>bold</b>")
    ]
    site, answers, going_on = WikiSite([*photos, *everyone(20, 1)]), list[dict[str, Any]](), dict[str, str]()
    params = {**GENERATED, "prop": "imageinfo", "iiprop": "url|user|size|extmetadata", "iiurlwidth": "300"}
    while not answers or going_on:
        answers.append(ask(site, **params, gsrlimit="90", **going_on))
        going_on = {name: str(value) for name, value in answers[-1].get("continue", {}).items()}
    return answers


def pages_of(answers: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Every page of the answers, each as often as it is told."""
    for answer in answers:
        yield from answer["query"]["pages"].values()


def infos_of(answers: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Every imageinfo of the answers."""
    return [info for page in pages_of(answers) for info in page.get("imageinfo", [])]


def shapes(entries: Iterable[dict[str, Any]]) -> dict[str, set[type]]:
    """The types of each key, over many objects."""
    found: dict[str, set[type]] = {}
    for entry in entries:
        for key, value in entry.items():
            found.setdefault(key, set()).add(type(value))
    return found


def compare(theirs: list[dict[str, Any]], ours: list[dict[str, Any]], kind: str) -> None:
    """Hold keys and types of many objects against each other."""
    real, drawn = shapes(theirs), shapes(ours)
    missing, extra = NOT_SERVED.get(kind, {}), ONLY_OURS.get(kind, {})
    assert real.keys() - drawn.keys() <= missing.keys()
    assert drawn.keys() - real.keys() <= extra.keys()
    assert not missing.keys() & drawn.keys(), "an exception that is none any more"
    assert {key: drawn[key] for key in real if key in drawn} == {key: real[key] for key in real if key in drawn}


def test_answers_and_pages_have_the_recorded_keys_and_types(
    openverse: list[dict[str, Any]], ours: list[dict[str, Any]]
) -> None:
    whole = [answer for answer in openverse if any("imageinfo" in page for page in pages_of([answer]))]
    compare([dict(answer) for answer in whole], ours, "answer")
    assert {answer["batchcomplete"] for answer in whole if "batchcomplete" in answer} == {""}
    real_pages = [page for page in pages_of(whole) if "ns" in page]  # two hand-shortened ones lack it
    compare(real_pages, [{k: v for k, v in page.items() if k != "index"} for page in pages_of(ours)], "page")
    assert all(key == str(page["pageid"]) for answer in ours for key, page in answer["query"]["pages"].items())


def test_imageinfo_has_the_recorded_keys_and_types(openverse: list[dict[str, Any]], ours: list[dict[str, Any]]) -> None:
    compare(infos_of(openverse), infos_of(ours), "imageinfo")
    always = set.intersection(*(set(info) for info in infos_of(openverse)))
    assert always >= {"url", "user", "size", "width", "height", "descriptionurl", "descriptionshorturl", "extmetadata"}
    assert all(always <= info.keys() for info in infos_of(ours))


def test_extmetadata_has_the_recorded_fields_sources_and_marks(
    openverse: list[dict[str, Any]], ours: list[dict[str, Any]]
) -> None:
    theirs = [info["extmetadata"] for info in infos_of(openverse) if "License" in info["extmetadata"]]
    assert len(theirs) >= 120
    own = [info["extmetadata"] for info in infos_of(ours)]
    compare(theirs, own, "extmetadata")
    real, drawn = (
        {
            key: {
                (entry[key]["source"], "hidden" in entry[key], type(entry[key]["value"]))
                for entry in said
                if key in entry
            }
            for key in shapes(said)
        }
        for said in (theirs, own)
    )
    for key in real.keys() & drawn.keys():
        assert drawn[key] <= real[key], key
    assert {entry[key]["hidden"] for entry in theirs for key in entry if "hidden" in entry[key]} == {""}
    in_all = set.intersection(*(set(entry) for entry in theirs))
    assert all(in_all - {"License"} <= entry.keys() for entry in own)


def test_licence_fields_go_together_as_recorded(openverse: list[dict[str, Any]], ours: list[dict[str, Any]]) -> None:
    names = ("License", "LicenseShortName", "LicenseUrl", "UsageTerms", "Copyrighted", "AttributionRequired")

    def told(answers: list[dict[str, Any]]) -> dict[str | None, tuple[Any, ...]]:
        rows = [[info["extmetadata"].get(name, {}).get("value") for name in names] for info in infos_of(answers)]
        return {row[0] or row[1]: tuple(row) for row in rows if row[1]}

    real, drawn = told(openverse), told(ours)
    assert {"pd", "cc0", "cc-by-4.0", "cc-by-sa-4.0", "No restrictions"} <= real.keys() & drawn.keys()
    assert {key: drawn[key] for key in real.keys() & drawn.keys()} == {
        key: real[key] for key in real.keys() & drawn.keys()
    }
    assert drawn["cc-by-3.0-de"][2] == real["cc-by-sa-3.0-de"][2].replace("by-sa", "by")


def test_recorded_shapes_of_dates_and_authors_are_among_ours(
    openverse: list[dict[str, Any]], ours: list[dict[str, Any]]
) -> None:
    hidden = re.compile(r'<div style="display: none;">date QS:P,\+\d{4}-\d\d-\d\dT00:00:00Z/\d+[^<]*</div>')
    taken = [info["extmetadata"].get("DateTimeOriginal", {}).get("value", "") for info in infos_of(openverse)]
    assert sum(bool(hidden.search(text)) for text in taken) >= 5
    photos = [
        photo
        for granularity in (0, 6, 8)
        for photo in photos_of("Ada_Onsel", 60, first=granularity * 60, date_taken="1987-05-17 14:30:09",
                               date_taken_granularity=granularity, date_taken_unknown=False)
    ]  # fmt: skip
    site = WikiSite(photos)
    answer = ask(site, **GENERATED, prop="imageinfo", iiprop="extmetadata", gsrlimit="500")
    drawn = [info["extmetadata"]["DateTimeOriginal"]["value"] for info in infos_of([answer])]
    for shape in (hidden, re.compile(r"\d{4}"), re.compile(r"\d{4}-\d\d-\d\d"), re.compile(r"[\d-]{10} [\d:]{8}")):
        assert any(shape.search(text) for text in taken)
        assert any(shape.search(text) if shape is hidden else shape.fullmatch(text) for text in drawn)


def test_addresses_are_escaped_as_recorded(openverse: list[dict[str, Any]]) -> None:
    checked = 0
    for page in merged_pages(openverse).values():
        for info in page.get("imageinfo", []):
            if not info["url"].startswith("https://upload.wikimedia.org/wikipedia/commons/"):
                continue
            name = page["title"].removeprefix("File:")
            site = WikiSite(())
            site.__dict__["_indices"] = (FileIndex([WikiFile(pageid=page["pageid"], name=name)]), None)
            params = {"action": "query", "titles": page["title"], "prop": "imageinfo", "iiprop": "url"}
            (own,) = ask(site, **params)["query"]["pages"].popitem()[1]["imageinfo"]
            assert own["url"].replace("http://wiki.test", "https://upload.wikimedia.org") == info["url"]
            for key in ("descriptionurl", "descriptionshorturl"):
                assert own[key].replace("http://wiki.test", "https://commons.wikimedia.org") == info[key]
            checked += 1
    assert checked >= 25


def titled(answers: Iterable[dict[str, Any]]) -> WikiSite:
    """A site that has the recorded pages, under their ids."""
    files = {
        page["pageid"]: WikiFile(pageid=page["pageid"], name=page["title"].removeprefix("File:"))
        for answer in answers
        for page in answer["query"]["pages"].values()
        if "pageid" in page
    }
    site = WikiSite(())
    site.__dict__["_indices"] = (FileIndex(list(files.values())), None)
    return site


def test_titles_are_read_as_recorded(flickypedia: list[tuple[dict[str, str], dict[str, Any]]]) -> None:
    calls = [(params, answer) for params, answer in flickypedia if params.get("prop") == "info"]
    assert len(calls) >= 10
    site = titled(answer for _, answer in calls)
    for params, answer in calls:
        if "warnings" in answer:  # invalid UTF-8: no client of ours sends control characters
            continue
        own = ask(site, **params)
        assert own.keys() == answer.keys()
        assert own["query"].get("normalized") == answer["query"].get("normalized")
        for key, page in answer["query"]["pages"].items():
            drawn = own["query"]["pages"][key]
            optional = {"redirect", "new"}  # this wiki has no redirects among its files
            assert drawn.keys() == page.keys() - optional
            assert {name: type(drawn[name]) for name in drawn} == {name: type(page[name]) for name in drawn}
            if "missing" in page or "invalid" in page:
                assert drawn == page


def test_an_error_has_the_recorded_keys(flickypedia: list[tuple[dict[str, str], dict[str, Any]]]) -> None:
    errors = [answer for _, answer in flickypedia if "error" in answer]
    assert len(errors) >= 3
    own = ask(WikiSite(()), action="nope")
    for recorded in errors:
        assert own.keys() == recorded.keys() == {"error", "servedby"}
        assert own["error"].keys() == recorded["error"].keys()
        assert own["error"]["*"].replace("http://wiki.test", "https://commons.wikimedia.org") == recorded["error"]["*"]


def test_statements_have_the_recorded_keys_and_types(
    flickypedia: list[tuple[dict[str, str], dict[str, Any]]],
) -> None:
    recorded = [answer for params, answer in flickypedia if params.get("action") == "wbgetentities"]
    theirs = [entity for answer in recorded for entity in answer["entities"].values() if "missing" not in entity]
    photos = everyone(20, 2)
    site = WikiSite(photos)
    files = [file for file in site.files.files if file.photo]
    own = [ask(site, action="wbgetentities", ids=f"M{file.pageid}")["entities"][f"M{file.pageid}"] for file in files]
    assert shapes(own) == shapes(theirs)  # statements are a list where there are none

    def statements(entities: list[dict[str, Any]], key: str) -> list[dict[str, Any]]:
        lists = [said for entity in entities for said in (entity[key] or {}).values()]
        return [statement for said in lists for statement in said]

    real = statements(theirs, "statements")
    items = [entity for entity in _items(site) if "missing" not in entity]
    for kind in ("wikibase-entityid", "time", "string"):
        wikidata, commons = (
            [one["mainsnak"] for one in said if one["mainsnak"].get("datavalue", {}).get("type") == kind]
            for said in (statements(items, "claims"), real)
        )
        assert commons and wikidata
        assert shapes(wikidata).keys() - shapes(commons).keys() == {"datatype"}  # Wikidata's own, photo-sites.md 2.4
        values = [[one["datavalue"]["value"] for one in snaks] for snaks in (commons, wikidata)]
        if kind != "string":
            assert shapes(values[0]) == shapes(values[1])
    drawn = [{key: said[key] for key in said if key != "references"} for said in statements(items, "claims")]
    plain = [said for said in real if "qualifiers" not in said and "references" not in said]
    assert shapes(drawn) == shapes(plain)
    somevalue = [said["mainsnak"] for said in real if said["mainsnak"]["snaktype"] == "somevalue"]
    (unknown,) = [
        said["mainsnak"] for said in statements(items, "claims") if said["mainsnak"]["snaktype"] == "somevalue"
    ]
    assert unknown.keys() - somevalue[0].keys() == {"datatype"}


def _items(site: WikiSite) -> list[dict[str, Any]]:
    ids = [entity.id for entity in site.entities.entities]
    return list(ask(site, "wikidata", action="wbgetentities", ids="|".join(ids[:50]))["entities"].values())


def test_missing_media_is_told_as_recorded(flickypedia: list[tuple[dict[str, str], dict[str, Any]]]) -> None:
    missing = {
        title: answer
        for params, answer in flickypedia
        if params.get("action") == "wbgetentities" and "-1" in answer["entities"]
        for title in [params["titles"]]
    }
    assert missing
    for title, answer in missing.items():
        assert ask(WikiSite(()), action="wbgetentities", sites="commonswiki", titles=title) == answer
