"""A client of others' making reads the wikis of the photo site with only the host changed: mwclient, for tests only."""

import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from crawler.photosite.wiki import WikiSite, commons_truth_of, truth_of
from tests.crawler.photosites import jpeg_of
from tests.crawler.wikis import photos_of, served

mwclient = pytest.importorskip("mwclient", reason="mwclient is not installed: pip install -e '.[dev]'")

AGENT = "agegap-tests (mailto:nobody@example.org)"
NAME, SHOWN = "Ada_Onsel", "Ada Onsel"
PHOTOS = photos_of(NAME, 70)


@pytest.fixture(scope="module")
def running() -> Iterator[tuple[str, WikiSite]]:
    """Seventy photos of one person."""
    with served(PHOTOS) as (base, site):
        yield base.removeprefix("http://"), site


@pytest.fixture
def commons(running: tuple[str, WikiSite]) -> Any:
    """The client, as its manual says to make one; it asks for the wiki's version and namespaces first."""
    return mwclient.Site(running[0], scheme="http", clients_useragent=AGENT)


def test_it_knows_the_wiki(commons: Any) -> None:
    assert commons.version[:2] >= (1, 40)
    assert (commons.namespaces[6], commons.namespaces[14]) == ("File", "Category")


def test_its_search_goes_on_to_the_end(commons: Any) -> None:
    found = [entry["pageid"] for entry in commons.search(f'"{SHOWN}" filetype:bitmap', namespace=6, api_chunk_size=20)]
    assert len(found) == len(set(found)) == 70
    assert set(found) == commons_truth_of(PHOTOS)[NAME].phrase


def test_its_generator_brings_files_with_imageinfo(commons: Any) -> None:
    search = {"gsrsearch": f'"{SHOWN}" filetype:bitmap', "gsrnamespace": "6"}
    files = mwclient.listing.GeneratorList(commons, "search", "sr", api_chunk_size=30, **search)
    pages = {page.pageid: page for page in files}
    assert pages.keys() == commons_truth_of(PHOTOS)[NAME].phrase
    content = jpeg_of(1400, 700)
    for page in list(pages.values())[:3]:
        assert (page.imageinfo["size"], page.imageinfo["width"]) == (len(content), 1400)
        assert page.imageinfo["sha1"] == hashlib.sha1(content).hexdigest()
        assert page.download() == content


def test_its_category_holds_files_and_the_one_below(commons: Any) -> None:
    category = commons.categories[truth_of(PHOTOS)[NAME].commons_category]
    assert category.exists
    members = list(category.members())
    (below,) = [page for page in members if page.namespace == 14]
    files = [page for page in [*members, *below.members()] if page.namespace == 6]
    with_file = {page.pageid for page in files if page.imageinfo and page.name.lower().endswith(".jpg")}
    assert with_file == commons_truth_of(PHOTOS)[NAME].category


def test_one_file_by_name_and_one_that_is_none(commons: Any) -> None:
    name = next(iter(commons.search(f'"{SHOWN}" filetype:bitmap', namespace=6)))["title"].removeprefix("File:")
    file = commons.images[name]
    assert file.exists
    assert file.imageinfo["mime"] == "image/jpeg"
    assert not commons.images["Nothing of the kind.jpg"].exists


def test_its_call_for_thumbnails_and_texts_is_answered(commons: Any) -> None:
    answer = commons.get("query", generator="search", gsrsearch=f'"{SHOWN}"', gsrnamespace=6, gsrlimit=70,
                         prop="imageinfo", iiprop="url|extmetadata", iiurlwidth=960)  # fmt: skip
    told = [page for page in answer["query"]["pages"].values() if "imageinfo" in page]
    assert len(told) == 50
    assert answer["continue"]["continue"] == "||userinfo"  # its own meta=userinfo, which it adds to every query
    assert "warnings" not in answer
    assert all("License" in page["imageinfo"][0]["extmetadata"] for page in told)


def test_it_waits_out_lag(running: tuple[str, WikiSite], commons: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    _, site = running
    waits: list[float] = []
    monkeypatch.setattr("mwclient.sleep.time.sleep", waits.append)
    site.faults.change({"lag_every": 2, "retry_after_s": 3})
    try:
        search = {"list": "search", "srsearch": f'"{SHOWN}" filetype:bitmap', "srnamespace": 6, "maxlag": 5}
        totals = [commons.get("query", **search)["query"]["searchinfo"]["totalhits"] for _ in range(4)]
    finally:
        site.faults.change({"lag_every": 0, "retry_after_s": 5})
    assert totals == [70] * 4
    assert len(waits) == 3
    assert min(waits) >= 3  # as long as Retry-After says


def test_items_of_people_come_through_it(running: tuple[str, WikiSite]) -> None:
    wikidata = mwclient.Site(running[0], path="/wikidata/w/", scheme="http", clients_useragent=AGENT)
    found = wikidata.get("wbsearchentities", search=SHOWN, language="en", type="item")["search"]
    truth = truth_of(PHOTOS)[NAME]
    assert [entry["id"] for entry in found] == [truth.entity_id]
    entities = wikidata.get("wbgetentities", ids=truth.entity_id, props="claims")["entities"]
    (birth,) = entities[truth.entity_id]["claims"]["P569"]
    assert birth["mainsnak"]["datavalue"]["value"]["time"].startswith(f"+{truth.birth_year_min}-")
