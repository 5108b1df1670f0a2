"""Pages of Commons as photos: texts and dates as they are, sizes that are served, and what is refused."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from crawler.law.presets import choose_licences
from crawler.sites.commons.choices import judge_by, width_of
from crawler.sites.commons.page import html_text, read_page
from crawler.sites.found import FoundPhoto, Refusal
from tests.crawler.wiki_answers import facts, page

JUDGE = judge_by(choose_licences("commons", "all-open"))
BASE = "https://upload.wikimedia.org/wikipedia/commons"


def read(wanted_width: int | None = 960, preset: str = "all-open", **values: Any) -> FoundPhoto | Refusal:
    judge = judge_by(choose_licences("commons", preset))
    return read_page(page(7, info=facts(7, **values)), rank=3, width=wanted_width, judge=judge)


def photo(**values: Any) -> FoundPhoto:
    found = read(**values)
    assert isinstance(found, FoundPhoto), found
    return found


def test_a_page_is_told_in_the_catalogs_words() -> None:
    found = photo(
        texts={
            "ImageDescription": "<p>Marta Quillon in <b>Porto</b></p>",
            "Categories": "Marta Quillon|2012 in Porto",
            "Artist": '<a href="//commons.wikimedia.org/wiki/User:Ex" title="User:Ex">Ex &amp; Co</a>',
            "DateTimeOriginal": '<time class="dtstart" datetime="2012-09-25">25 September 2012</time>',
            "DateTime": "2019-09-01 00:38:47",
            "Restrictions": "personality",
        },
        commonmetadata=[
            {"name": "Model", "value": "X100"},
            {"name": "DateTimeOriginal", "value": "2012:09:25 16:23:02"},
        ],
    )
    assert (found.site_id, found.rank, found.licence) == ("7", 3, "cc-by-sa-4.0")
    assert found.title == "Marta Quillon 7"
    assert found.description == "<p>Marta Quillon in <b>Porto</b></p>"
    assert found.tags == "Marta_Quillon 2012_in_Porto"
    assert (found.owner_id, found.owner_name) == ("Example uploader", "Ex & Co")
    assert found.date_text == '<time class="dtstart" datetime="2012-09-25">25 September 2012</time>'
    assert found.exif_taken == "2012:09:25 16:23:02"
    assert found.file_name == "Marta Quillon 7.jpg"
    assert found.uploaded == datetime(2012, 9, 30, 10, 20, 30, tzinfo=UTC)
    assert found.page_url == "https://commons.wikimedia.org/wiki/File:Marta_Quillon_7.jpg"
    assert found.raw["imageinfo"][0]["extmetadata"]["Restrictions"]["value"] == "personality"


def test_the_upload_time_is_never_a_taken_date() -> None:
    found = photo(texts={"DateTime": "2019-09-01 00:38:47"}, commonmetadata=[{"name": "DateTime", "value": "2019"}])
    assert (found.date_taken, found.date_text, found.exif_taken) == (None, None, None)


def test_a_file_without_a_name_of_its_own_is_called_by_its_file() -> None:
    assert photo(texts={"ObjectName": None}).title == "Marta Quillon 7.jpg"


@pytest.mark.parametrize(
    ("width", "values", "url", "size"),
    [
        (960, {}, f"{BASE}/thumb/2/25/Marta_Quillon_7.jpg/960px-Marta_Quillon_7.jpg", "960"),
        (960, {"width": 960, "height": 1400}, f"{BASE}/2/25/Marta_Quillon_7.jpg", "original"),
        (960, {"width": 640, "height": 480, "thumburl": None}, f"{BASE}/2/25/Marta_Quillon_7.jpg", "original"),
        (None, {}, f"{BASE}/2/25/Marta_Quillon_7.jpg", "original"),
        # A width the site would answer with 429 is not asked for.
        (960, {"thumburl": f"{BASE}/thumb/2/25/A_800px.jpg/1024px-A_800px.jpg"},
         f"{BASE}/thumb/2/25/A_800px.jpg/960px-A_800px.jpg", "960"),
        (960, {"thumburl": f"{BASE}/thumb/2/25/A.jpg/500px-A.jpg"}, f"{BASE}/thumb/2/25/A.jpg/500px-A.jpg", "500"),
        (960, {"mime": "image/tiff", "url": f"{BASE}/2/25/A.tif",
               "thumburl": f"{BASE}/thumb/2/25/A.tif/lossy-page1-960px-A.tif.jpg"},
         f"{BASE}/thumb/2/25/A.tif/lossy-page1-960px-A.tif.jpg", "960"),
        (960, {"mime": None, "mediatype": None, "thumburl": None, "url": "//upload.wikimedia.org/a/A.JPG"},
         "https://upload.wikimedia.org/a/A.JPG", "original"),
    ],
)  # fmt: skip
def test_the_image_is_of_a_standard_width_or_the_original(
    width: int | None, values: dict[str, Any], url: str, size: str
) -> None:
    found = photo(wanted_width=width, **values)
    assert (found.image_url, found.image_size) == (url, size)


@pytest.mark.parametrize(
    "values",
    [
        {"mime": "image/svg+xml", "mediatype": "DRAWING"},
        {"mime": "application/pdf", "mediatype": "OFFICE"},
        {"mime": "image/vnd.djvu"},
        {"mime": "image/gif"},
        {"mime": "video/webm", "mediatype": "VIDEO"},
        {"mime": "audio/ogg", "mediatype": "AUDIO"},
        {"mime": "image/tiff", "thumburl": None},
        {"mime": None, "mediatype": None, "url": f"{BASE}/a/A.svg"},
    ],
)
def test_what_is_no_photo_is_refused(values: dict[str, Any]) -> None:
    assert read(**values) is Refusal.NOT_A_PHOTO


@pytest.mark.parametrize(
    "broken",
    [
        page(7),
        page(7, info={"filemissing": ""}),
        {"ns": 6, "title": "File:A.jpg", "missing": "", "imageinfo": []},
        {"title": "File:{a}.jpg", "invalid": "", "invalidreason": "no"},
        page(7, info={"mime": "image/jpeg"}),
    ],
)
def test_a_page_without_a_file_is_refused(broken: dict[str, Any]) -> None:
    assert read_page(broken, rank=0, width=960, judge=JUDGE) is Refusal.MALFORMED


@pytest.mark.parametrize(
    ("texts", "preset", "verdict"),
    [
        ({"License": "cc-by-sa-3.0-de"}, "all-open", "cc-by-sa-3.0-de"),
        ({"License": "pd"}, "public-domain", "pd"),
        ({"License": "cc-by-4.0"}, "public-domain", Refusal.LICENCE),
        ({"License": "cc-by-nd-4.0"}, "derivatives", Refusal.LICENCE),
        ({"License": None, "LicenseShortName": "No restrictions"}, "all-open", "No restrictions"),
        ({"License": None}, "all-open", Refusal.UNKNOWN_LICENCE),
        ({"License": "my own words"}, "all-open", Refusal.UNKNOWN_LICENCE),
        ({"License": "cc-by-4.0", "NonFree": "true"}, "all-open", Refusal.LICENCE),
    ],
)
def test_a_licence_is_read_and_judged(texts: dict[str, Any], preset: str, verdict: str | Refusal) -> None:
    found = read(texts=texts, preset=preset)
    assert (found.licence if isinstance(found, FoundPhoto) else found) == verdict


@pytest.mark.parametrize(
    ("raw", "text"),
    [
        ('<a href="x">Ex</a>', "Ex"),
        ('<div class="fn value">\nJona Ending</div>', "Jona Ending"),
        ('1891<div style="display: none;">date QS:P,+1891-00-00T00:00:00Z/9</div>', "1891"),
        ("a < b &amp; c", "a < b & c"),
        ("<br><br>", None),
        (None, None),
    ],
)
def test_html_becomes_a_line_of_text(raw: str | None, text: str | None) -> None:
    assert html_text(raw) == text


@pytest.mark.parametrize(
    ("sizes", "width"), [("c,l,o,z", 960), ("l", 1280), ("m", 500), ("1000", 1280), ("o", None), ("original", None)]
)
def test_sizes_of_a_crawl_are_standard_widths(sizes: str, width: int | None) -> None:
    assert width_of(sizes) == width


@pytest.mark.real_data
def test_recorded_pages_of_commons_are_read_or_refused_for_a_reason(shared_data: Path) -> None:
    folder = shared_data / "recorded" / "openverse" / "wikimedia"
    found: list[FoundPhoto | Refusal] = []
    for name in ("wmc_pretty1", "wmc_pretty4", "wmc_pretty_nocontinue", "wmc_continue_max_iter"):
        for record in json.loads((folder / f"{name}.json").read_text())["query"]["pages"].values():
            found.append(read_page(record, rank=0, width=960, judge=JUDGE))
            if isinstance(found[-1], FoundPhoto):
                texts = record["imageinfo"][0]["extmetadata"]
                assert found[-1].date_text == (texts.get("DateTimeOriginal", {}).get("value") or None)
                assert found[-1].licence in (texts.get("License", {}).get("value"), "No restrictions")
                assert found[-1].owner_name is not None
                assert "<" not in found[-1].owner_name
    refused = [one for one in found if isinstance(one, Refusal)]
    assert len(found) > 90
    assert set(refused) <= {Refusal.NOT_A_PHOTO, Refusal.UNKNOWN_LICENCE}  # PDF and TIFF without a thumbnail
    assert len(refused) < len(found) / 10
