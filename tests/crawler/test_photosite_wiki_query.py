"""Commons on the photo site: which pages a query gives, and how it goes on."""

from typing import Any

import pytest

from crawler.photosite.tags import words_of
from crawler.photosite.wiki import WikiFile, WikiSite, commons_truth_of, truth_of, wiki_files
from crawler.photosite.wiki.people import wiki_people
from crawler.photosite.wiki.search import FileIndex
from tests.crawler.photosites import site_photo
from tests.crawler.wikis import ask, ask_all, everyone, merged_pages, names, photos_of

NAME = "Ada_Onsel"
SEARCH = {"action": "query", "generator": "search", "gsrsearch": '"Ada Onsel" filetype:bitmap', "gsrnamespace": "6"}
INFO = {"prop": "imageinfo", "iiprop": "url|extmetadata", "iiurlwidth": "960"}


@pytest.fixture(scope="module")
def crowd() -> WikiSite:
    """A hundred and thirty photos of one person."""
    return WikiSite(photos_of(NAME, 130))


def with_imageinfo(answer: dict[str, Any]) -> list[str]:
    """The titles of an answer's pages that have imageinfo."""
    return [page["title"] for page in answer["query"]["pages"].values() if "imageinfo" in page]


@pytest.mark.parametrize("limit", ["50", "60", "130", "max"])
def test_an_answer_makes_fifty_thumbnails_and_going_on_gives_each_file_once(crowd: WikiSite, limit: str) -> None:
    answers = ask_all(crowd, **SEARCH, **INFO, gsrlimit=limit)
    told = [title for answer in answers for title in with_imageinfo(answer)]
    assert len(told) == len(set(told)) == 130
    assert all(len(with_imageinfo(answer)) <= 50 for answer in answers)
    for before, answer in zip([None, *answers], answers, strict=False):
        is_cut = "iicontinue" in answer.get("continue", {})
        assert ("batchcomplete" in answer) != is_cut
        if before and "iicontinue" in before["continue"]:  # the rest of a batch has the batch's own pages
            assert answer["query"]["pages"].keys() == before["query"]["pages"].keys()
    assert "continue" not in answers[-1]


def test_a_partial_batch_is_in_the_order_of_names_not_of_the_search(crowd: WikiSite) -> None:
    first = ask(crowd, **SEARCH, **INFO, gsrlimit="130")
    keys = sorted(page["title"][5:].replace(" ", "_") for page in first["query"]["pages"].values())
    assert sorted(title[5:].replace(" ", "_") for title in with_imageinfo(first)) == keys[:50]
    assert first["continue"]["iicontinue"].rpartition("|")[0] == keys[50]
    assert first["continue"]["continue"] == "||"  # the generator had no parameters to repeat


def test_a_cut_batch_repeats_the_generators_own_place(crowd: WikiSite) -> None:
    second_batch = ask(crowd, **SEARCH, **INFO, gsrlimit="60", gsroffset="60", **{"continue": "gsroffset||"})
    assert second_batch["continue"]["gsroffset"] == "60"
    assert second_batch["continue"]["continue"] == "gsroffset||"
    assert "batchcomplete" not in second_batch


def test_without_thumbnails_no_batch_is_cut(crowd: WikiSite) -> None:
    params = {**INFO, "iiurlwidth": "-1"}
    (answer,) = ask_all(crowd, **SEARCH, **params, gsrlimit="500")
    assert len(with_imageinfo(answer)) == 130


def test_finished_modules_are_not_told_again(crowd: WikiSite) -> None:
    answers = ask_all(crowd, **SEARCH, **{**INFO, "prop": "info|imageinfo"}, gsrlimit="130")
    assert answers[0]["continue"]["continue"] == "||info"
    assert all("touched" not in page for page in answers[1]["query"]["pages"].values())
    assert all({"touched", "imageinfo"} <= page.keys() for page in merged_pages(answers).values())


def test_pages_are_keyed_by_id_and_the_place_in_the_search_is_their_index(crowd: WikiSite) -> None:
    answers = ask_all(crowd, **SEARCH, gsrlimit="50")
    pages = [page for answer in answers for page in answer["query"]["pages"].values()]
    assert sorted(page["index"] for page in pages) == list(range(1, 131))
    first = list(answers[0]["query"]["pages"])
    assert first == sorted(first, key=int)
    assert [page["index"] for page in answers[0]["query"]["pages"].values()] != list(range(1, 51))


def test_version_2_lists_pages_and_says_true(crowd: WikiSite) -> None:
    old = ask(crowd, **SEARCH, **INFO, gsrlimit="3")
    new = ask(crowd, **SEARCH, **INFO, gsrlimit="3", formatversion="2")
    assert (old["batchcomplete"], new["batchcomplete"]) == ("", True)
    assert new["query"]["pages"] == list(old["query"]["pages"].values())
    gone = {"action": "query", "titles": "File:None.jpg", "prop": "imageinfo"}
    assert ask(crowd, **gone)["query"]["pages"] == {
        "-1": {"ns": 6, "title": "File:None.jpg", "missing": "", "imagerepository": ""}
    }
    assert ask(crowd, **gone, formatversion="2")["query"]["pages"] == [
        {"ns": 6, "title": "File:None.jpg", "missing": True, "imagerepository": ""}
    ]


def test_a_search_reaches_ten_thousand_results_and_refuses_the_next() -> None:
    site = WikiSite(())
    files = [WikiFile(pageid=number, name=f"Harbour {number}.jpg") for number in range(1, 10_101)]
    site.__dict__["_indices"] = (FileIndex(files), None)
    search = {"action": "query", "generator": "search", "gsrsearch": "harbour", "gsrnamespace": "6", "gsrlimit": "50"}
    last = ask(site, **search, gsroffset="9990")
    assert len(last["query"]["pages"]) == 10
    refused = ask(site, **{**search, "gsroffset": str(last["continue"]["gsroffset"])})
    assert refused["error"]["code"] == "cirrussearch-offset-too-large"
    total = ask(site, action="query", list="search", srsearch="harbour", srnamespace="6", srlimit="1")
    assert total["query"]["searchinfo"] == {"totalhits": 10_100}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"Ada Onsel"', "abcd"),
        ('"Onsel Ada"', ""),
        ("onsel harbour", "abc"),
        ('"ada onsel" -boat', "acd"),
        ('"ada onsel" -"red boat"', "acd"),
        ('"Ada Onsél" filetype:bitmap', "abc"),
        ('"ada onsel" filetype:drawing|office', "d"),
        ("haswbstatement:P180=Q7", "ab"),
        ("haswbstatement:P180=Q7|P180=Q9", "abe"),
        ('"ada onsel" -haswbstatement:P180=Q7', "cd"),
        ('incategory:"Ada_Onsel"', "ad"),
        ("intitle:market", "e"),
        ("", "abcdef"),
        ("filemime:image/jpeg onsel", "abc"),
    ],
)
def test_the_search_language(query: str, found: str) -> None:
    files = {
        "a": WikiFile(pageid=1, name="Ada Onsel harbour.jpg", categories=("Ada Onsel",), depicts=("Q7",)),
        "b": WikiFile(pageid=2, name="Harbour, a red boat, Ada ONSEL.jpg", depicts=("Q7", "Q8")),
        "c": WikiFile(pageid=3, name="Ada Onsel in a harbour.jpg"),
        "d": WikiFile(pageid=4, name="Ada Onsel signature.svg", format="svg", categories=("Ada Onsel",)),
        "e": WikiFile(pageid=5, name="Market.png", format="png", depicts=("Q9",)),
        "f": WikiFile(pageid=6, name="Ada.jpg", has_file=False),
    }
    hits = {file.pageid for file in FileIndex(list(files.values())).search(query)}
    assert hits == {files[letter].pageid for letter in found}


def test_a_search_that_forgets_the_file_namespace_finds_nothing(crowd: WikiSite) -> None:
    assert ask(crowd, **{**SEARCH, **INFO, "gsrnamespace": "0"}) == {"batchcomplete": ""}  # and warns of nothing


def test_members_of_a_category_come_in_pieces_and_by_kind() -> None:
    photos = photos_of(NAME, 60)
    site, truth = WikiSite(photos), truth_of(photos)[NAME]
    members = {"action": "query", "generator": "categorymembers", "gcmtitle": f"Category:{truth.commons_category}"}
    below = ask(site, **members, gcmtype="subcat")["query"]["pages"]
    (subcategory,) = below.values()
    assert subcategory["ns"] == 14
    pages = merged_pages(ask_all(site, **members, gcmtype="file", gcmlimit="7"))
    pages |= merged_pages(ask_all(site, **{**members, "gcmtitle": subcategory["title"]}, gcmtype="file"))
    photos_found = {int(key) for key, page in pages.items() if page["title"].endswith(("jpg", "JPG"))}
    assert photos_found >= commons_truth_of(photos)[NAME].category
    assert "query" not in ask(site, **{**members, "gcmtitle": "Category:Nobody"})
    counts = ask(site, action="query", titles=members["gcmtitle"], prop="categoryinfo")["query"]["pages"].popitem()[1]
    assert counts["categoryinfo"]["subcats"] == 1


def test_every_photo_of_the_truth_is_reached_by_its_roads() -> None:
    photos = everyone(20, 6)
    site, people = WikiSite(photos), truth_of(photos)
    for name, truth in commons_truth_of(photos).items():
        shown, entity = name.replace("_", " "), people[name].entity_id
        roads = [(f'"{shown}" filetype:bitmap', truth.phrase), (f"haswbstatement:P180={entity}", truth.depicts)]
        for query, wanted in roads:
            pages = merged_pages(ask_all(site, **{**SEARCH, "gsrsearch": query}, **INFO))
            assert {int(key) for key, page in pages.items() if "imageinfo" in page} == wanted
        assert len(truth.every) == 6


def test_categories_hold_what_is_no_photo_too() -> None:
    photos = everyone(20, 2)
    extras = [file for file in wiki_files(photos, wiki_people(photos)) if file.photo is None]
    assert {file.format for file in extras} == {"svg", "pdf", "jpg"}
    site = WikiSite(photos)
    for file in extras:
        params = {"action": "query", "pageids": str(file.pageid), "prop": "imageinfo", "iiprop": "url|mime|mediatype"}
        (page,) = ask(site, **params)["query"]["pages"].values()
        if file.format == "jpg":  # a page whose file is lost
            assert page["imagerepository"] == ""
            assert "imageinfo" not in page
        else:
            assert page["imageinfo"][0]["mediatype"] in ("DRAWING", "OFFICE")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"action": "nope"}, "badvalue"),
        ({"action": "query", "generator": "nope"}, "badvalue"),
        ({"action": "query", "generator": "search"}, "missingparam"),
        ({**SEARCH, "gsroffset": "x"}, "badinteger"),
        ({**SEARCH, "gsroffset": "10000"}, "cirrussearch-offset-too-large"),
        ({**SEARCH, "gsrsort": "nope"}, "badvalue"),
        ({**SEARCH, "continue": "gsroffset"}, "badcontinue"),
        ({**SEARCH, **INFO, "iicontinue": "x"}, "badcontinue"),
        ({"action": "query", "list": "categorymembers", "cmtitle": "Ada Onsel"}, "invalidcategory"),
        ({"action": "query", "list": "categorymembers", "cmtitle": "Category:A", "cmcontinue": "x"}, "badcontinue"),
        ({"action": "query", "titles": "|".join(map(str, range(51)))}, "toomanyvalues"),
        ({"action": "wbsearchentities", "search": "a", "language": "en"}, "badvalue"),  # Wikidata's
    ],
)
def test_a_refused_call_says_its_code(crowd: WikiSite, params: dict[str, str], code: str) -> None:
    for version, docs in (("1", "*"), ("2", "docref")):
        refused = ask(crowd, **params, formatversion=version)
        assert refused["error"]["code"] == code
        assert {"code", "info", docs} <= refused["error"].keys()
        assert "servedby" in refused


def test_what_is_odd_but_harmless_is_warned_of(crowd: WikiSite) -> None:
    answer = ask(crowd, **SEARCH, prop="imageinfo|nope", iiprop="url|nope", gsrlimit="900", colour="red", gsrcolour="1")
    assert answer["warnings"] == {
        "main": {"*": "Unrecognized parameters: colour, gsrcolour."},
        "query": {"*": 'Unrecognized value for parameter "prop": nope.'},
        "imageinfo": {"*": 'Unrecognized value for parameter "iiprop": nope.'},
        "search": {"*": 'The value "900" for parameter "gsrlimit" must be between 1 and 500.'},
    }
    assert len(answer["query"]["pages"]) == 130
    assert ask(crowd, **SEARCH, colour="red", formatversion="2")["warnings"]["main"].keys() == {"warnings"}


def test_titles_are_unique_legal_and_hold_the_words_of_the_photo() -> None:
    odd = ["", "a|b [c] {d} <e> #f", "x" * 400, "naïve / slash: colon", "...", "&lt;b&gt; &amp; more", "élan"]
    photos = [site_photo(number, title=title) for number, title in enumerate(odd * 3)]
    files = wiki_files(photos, [])
    assert len({file.key for file in files}) == len(files) == len(photos)
    for file in files:
        assert not set("[]{}|#<>/") & set(file.name)
        assert len(file.name.encode()) <= 240
        assert file.name[0] == file.name[0].upper()
    assert any("naive slash colon" in " ".join(words_of(file.name)) for file in files)


def test_the_same_photos_give_the_same_pages() -> None:
    photos = everyone(5, 2)
    again = [site_photo(number) for number in range(900, 903)] + photos
    first = {file.photo.record.id: file for file in wiki_files(photos, wiki_people(photos)) if file.photo}
    second = {file.photo.record.id: file for file in wiki_files(again, wiki_people(again)) if file.photo}
    for key, file in first.items():
        assert (file.pageid, file.name, file.categories) == (
            second[key].pageid, second[key].name, second[key].categories
        )  # fmt: skip
    assert names(5) == sorted({photo.record.subject or "" for photo in photos})
