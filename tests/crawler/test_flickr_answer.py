"""Flickr's answers as they really come: mixed types, absent sizes, refusals, faults."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agegap.errors import SettingsError
from crawler.crawl_settings import CrawlSettings
from crawler.sites.flickr import EXTRAS, is_placeholder, search_parameters
from crawler.sites.flickr.choices import FlickrChoices, read_choices, size_letters
from crawler.sites.flickr.licence_list import ListedLicence
from crawler.sites.flickr.photo import choose_image, choose_size, read_photo
from crawler.sites.flickr.site import FlickrSite
from crawler.sites.found import FoundPhoto, Refusal, SiteFault, Step
from db.window_rows import Window


def _choices(**settings: Any) -> FlickrChoices:
    chosen = CrawlSettings(**settings)
    return read_choices(licences=chosen.licences, sizes=chosen.sizes)


CHOICES = _choices()
WINDOW = Window(
    1, 1, 1, "Marta_Quillon", "Marta Quillon", '"Marta Quillon"', "phrase",
    None, None, 1_700_000_000, "date-posted-asc", None, 0, None,
)  # fmt: skip


def _record(**changes: Any) -> dict[str, Any]:
    """Return a made-up result of the shape Flickr's search gives; a value of `...` takes a key away."""
    record = {
        "id": "49514337848",
        "owner": "7478087@N06",
        "secret": "0123456789",
        "title": "Marta in Oslo",
        "license": "4",
        "description": {"_content": 'At the <a href="x">fjord</a>, 1998'},
        "dateupload": "1581319011",
        "datetaken": "1998-01-01 00:00:00",
        "datetakengranularity": "6",
        "datetakenunknown": "0",
        "ownername": "drawn",
        "realname": "",
        "pathalias": None,
        "tags": "marta oslo",
        "machine_tags": "",
        "media": "photo",
        "url_m": "https://live.staticflickr.com/65535/49514337848_0123456789.jpg",
        "height_m": "500",
        "width_m": 322,
        **changes,
    }
    return {key: value for key, value in record.items() if value is not ...}


def _read(record: object, **settings: Any) -> FoundPhoto | Refusal:
    chosen = _choices(**settings)
    return read_photo(record, rank=0, licences=chosen.licences, sizes=chosen.sizes)


def _photo(**changes: Any) -> FoundPhoto:
    found = _read(_record(**changes))
    assert isinstance(found, FoundPhoto)
    return found


def _search(answer: object) -> Step | SiteFault:
    body = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
    return FlickrSite(CrawlSettings(), planned_at=1_700_000_000).read(WINDOW, body, {})


def _page(*records: object, **envelope: Any) -> Step:
    photos = {"page": 1, "pages": 1, "perpage": 500, "total": str(len(records)), "photo": list(records), **envelope}
    found = _search({"photos": photos, "stat": "ok"})
    assert isinstance(found, Step)
    return found


def test_every_text_and_date_is_read_and_the_answer_is_kept() -> None:
    photo = _photo()
    assert photo.title == "Marta in Oslo"
    assert photo.description == 'At the <a href="x">fjord</a>, 1998'
    assert photo.tags == "marta oslo"
    assert photo.uploaded == datetime(2020, 2, 10, 7, 16, 51, tzinfo=UTC)
    assert (photo.date_taken, photo.date_taken_granularity, photo.date_taken_unknown) == (
        "1998-01-01 00:00:00",
        6,
        False,
    )
    assert photo.licence == "4"
    assert photo.page_url == "https://www.flickr.com/photos/7478087@N06/49514337848/"
    assert photo.raw == _record()


@pytest.mark.parametrize(
    ("given_value", "read_value"),
    [("0", 0), (0, 0), ("8", 8), (6.0, 6), (None, None), ("", None), ("x", None), ([], None)],
)
def test_granularity_comes_as_text_or_number(given_value: object, read_value: int | None) -> None:
    assert _photo(datetakengranularity=given_value).date_taken_granularity == read_value


@pytest.mark.parametrize(
    ("given_value", "read_value"), [("1", True), (1, True), ("0", False), (0, False), (..., None), ("maybe", None)]
)
def test_unknown_comes_as_text_or_number(given_value: object, read_value: bool | None) -> None:
    assert _photo(datetakenunknown=given_value).date_taken_unknown is read_value


@pytest.mark.parametrize("title", ["Marta", {"_content": "Marta"}])
def test_a_title_comes_as_text_or_object(title: object) -> None:
    assert _photo(title=title).title == "Marta"


@pytest.mark.parametrize("description", ["", {"_content": ""}, {}, None, ..., []])
def test_an_empty_description_is_null(description: object) -> None:
    assert _photo(description=description).description is None


@pytest.mark.parametrize(("alias", "owner"), [(None, "7478087@N06"), ("", "7478087@N06"), ("marta q", "marta%20q")])
def test_the_page_is_under_the_alias_or_the_owner(alias: str | None, owner: str) -> None:
    assert _photo(pathalias=alias).page_url == f"https://www.flickr.com/photos/{owner}/49514337848/"


@pytest.mark.parametrize("upload", ["0", "", None, "soon", "99999999999999999", -5, ...])
def test_an_impossible_upload_time_is_null(upload: object) -> None:
    assert _photo(dateupload=upload).uploaded is None


def test_a_numeric_id_is_a_text() -> None:
    assert _photo(id=49514337848).site_id == "49514337848"


def test_text_that_postgres_refuses_is_mended() -> None:
    photo = _page(_record(title="a\x00b\ud83d", odd={"k\x00": ["\udc00"]})).photos[0]
    assert photo.title == "ab\ufffd"
    assert photo.raw["odd"] == {"k": ["\ufffd"]}
    json.dumps(photo.raw, ensure_ascii=False).encode()


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"license": "0"}, Refusal.LICENCE),
        ({"license": 0}, Refusal.LICENCE),
        ({"license": "99"}, Refusal.UNKNOWN_LICENCE),
        ({"license": None}, Refusal.UNKNOWN_LICENCE),
        ({"license": ...}, Refusal.UNKNOWN_LICENCE),
        ({"media": "video"}, Refusal.NOT_A_PHOTO),
        ({"id": ...}, Refusal.MALFORMED),
        ({"id": ""}, Refusal.MALFORMED),
        ({"id": {"a": 1}}, Refusal.MALFORMED),
    ],
)
def test_a_refused_result_has_its_reason(changes: dict[str, Any], refusal: Refusal) -> None:
    assert _read(_record(**changes)) is refusal


def test_a_licence_that_the_site_does_not_list_is_unknown() -> None:
    site = FlickrSite(CrawlSettings(), planned_at=1_700_000_000)
    assert site.trust([ListedLicence("0", "All Rights Reserved", None), ListedLicence("5", "CC BY-SA 2.0", None)]) == {
        str(number) for number in range(1, 17)
    } - {"5"}
    photos = [_record(id="1", license="4"), _record(id="2", license="5"), _record(id="3", license="0")]
    body = json.dumps({"stat": "ok", "photos": {"page": 1, "total": 3, "photo": photos}}).encode()
    step = site.read(WINDOW, body, {})
    assert isinstance(step, Step)
    assert [photo.site_id for photo in step.photos] == ["2"]
    assert step.refused == {Refusal.UNKNOWN_LICENCE: 1, Refusal.LICENCE: 1}


def test_a_licence_that_is_asked_for_is_allowed() -> None:
    assert isinstance(_read(_record(license="0"), licences="0,4"), FoundPhoto)
    assert _read(_record(license="5"), licences="0,4") is Refusal.LICENCE


@pytest.mark.parametrize("licence", range(1, 17))
def test_every_open_licence_is_allowed_by_default(licence: int) -> None:
    assert isinstance(_read(_record(license=licence)), FoundPhoto)


@pytest.mark.parametrize(
    ("urls", "chosen"),
    [
        ({"url_m": "m", "url_z": "z", "url_c": "c", "url_l": "l", "url_o": "o"}, "c"),
        ({"url_m": "m", "url_z": "z", "url_l": "l"}, "l"),
        ({"url_m": "m", "url_z": "z", "url_o": "o", "width_o": "700", "height_o": 500}, "o"),
        ({"url_m": "m", "url_z": "z", "url_o": "o", "width_o": "7000", "height_o": 500}, "z"),
        ({"url_n": "n", "url_s": "s"}, "n"),
        ({"url_sq": "q"}, None),
    ],
)
def test_the_best_size_that_exists_is_chosen(urls: dict[str, Any], chosen: str | None) -> None:
    record = {key: f"https://host/{value}.jpg" if key.startswith("url") else value for key, value in urls.items()}
    assert choose_image(record, CHOICES.sizes) == (f"https://host/{chosen}.jpg" if chosen else None)


@pytest.mark.parametrize(
    "url", ["file:///etc/passwd", "data:image/png;base64,AA", "", None, 7, "https://", "https://[", "http://h/a b"]
)
def test_only_web_addresses_are_fetched(url: object) -> None:
    assert _photo(url_m=url).image_url is None


def test_the_original_is_taken_whatever_its_size_when_it_is_wanted_first() -> None:
    record = {
        "url_o": "https://host/o.jpg",
        "o_width": "7000",
        "url_k": "https://host/k.jpg",
        "url_c": "https://host/c.jpg",
    }
    image = choose_size(record, size_letters("original"))
    assert image is not None
    assert (image.url, image.size) == ("https://host/o.jpg", "original")
    del record["url_o"]
    image = choose_size(record, size_letters("original"))
    assert image is not None
    assert (image.url, image.size) == ("https://host/k.jpg", "2048")


@pytest.mark.parametrize(
    ("wanted", "size"), [("640", "640"), ("800", "800"), ("1024", "1024"), ("z,c", "640"), ("k,l", "1024")]
)
def test_a_size_is_wanted_by_its_pixels_or_by_letters(wanted: str, size: str) -> None:
    record = {f"url_{letter}": f"https://host/{letter}.jpg" for letter in "snwmzcl"}
    assert _photo(**record).image_size == "800"
    image = choose_size(record, size_letters(wanted))
    assert image is not None
    assert image.size == size


@pytest.mark.parametrize("wanted", ["", "900", "c,x", "c;l", "800,z"])
def test_an_unknown_size_is_refused_in_one_sentence(wanted: str) -> None:
    with pytest.raises(SettingsError, match="sizes: "):
        size_letters(wanted)


def test_every_fault_of_the_settings_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as error:
        read_choices(licences="4,commerical", sizes="nine")
    assert len(error.value.faults) == 2
    assert "did you mean 'commercial'?" in str(error.value)


def test_a_page_counts_what_it_refuses_and_keeps_the_ranks() -> None:
    step = _page(_record(id="1"), _record(id="2", license="0"), _record(id="3"), "junk")
    assert [(photo.site_id, photo.rank) for photo in step.photos] == [("1", 0), ("3", 2)]
    assert step.refused == {Refusal.LICENCE: 1, Refusal.MALFORMED: 1}
    assert (step.seen, step.query_total, step.total, step.cursor) == (4, 4, 4, None)


def test_a_photo_twice_on_a_page_is_one_photo() -> None:
    step = _page(_record(), _record(title="again"))
    assert [(photo.title, photo.rank) for photo in step.photos] == [("Marta in Oslo", 0)]
    assert step.seen == 1


def test_an_answer_in_a_callback_is_read() -> None:
    body = json.dumps({"stat": "ok", "photos": {"page": 1, "total": "1", "photo": [_record()]}}).encode()
    found = _search(b"jsonFlickrApi(" + body + b")")
    assert isinstance(found, Step)
    assert found.seen == 1


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'{"photos":{"page":1,"photo":[{"id":"1"',
        b"<html>Too Many Requests</html>",
        b'jsonFlickrApi({"stat":"ok"})',
        b'jsonFlickrApi({"stat":"ok","photos":{"photo":[]}}',
        b'<?xml version="1.0" encoding="utf-8" ?>\n<rsp stat="fail">\n\t<err co',
        b"[]",
        b'{"stat":"ok"}',
        b'{"stat":"ok","photos":{"photo":{}}}',
        b"\xff\xfe{}",
        b"[" * 100_000,
        b'{"stat":"ok","photos":{"total":' + b"9" * 5000 + b',"photo":[]}}',
    ],
)
def test_a_broken_answer_is_tried_again(body: bytes) -> None:
    fault = _search(body)
    assert isinstance(fault, SiteFault)
    assert fault.kind == "transient"


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


@given(changes=st.dictionaries(st.sampled_from(sorted({*_record(), "license", "url_o", "width_o"})), _JSON, max_size=6))
def test_no_value_of_any_key_makes_the_reader_fail(changes: dict[str, Any]) -> None:
    found = _search({"stat": "ok", "photos": {"page": 1, "pages": 1, "photo": [{**_record(), **changes}]}})
    assert isinstance(found, Step)
    assert len(found.photos) + sum(found.refused.values()) == found.seen == 1


def test_the_search_asks_for_all_texts_and_dates_oldest_first() -> None:
    asked = search_parameters('"Marta Quillon"', page=2)
    assert asked["text"] == '"Marta Quillon"'
    assert (asked["page"], asked["per_page"], asked["sort"]) == ("2", "500", "date-posted-asc")
    assert asked["extras"].split(",") == list(EXTRAS)
    assert {"description", "license", "date_upload", "date_taken", "tags", "machine_tags", "media", "url_c"} <= {
        *EXTRAS
    }
    assert "api_key" not in asked


def test_the_placeholder_of_a_removed_photo_is_known() -> None:
    assert is_placeholder("https://s.yimg.com/pw/images/en-us/photo_unavailable.png")
    assert not is_placeholder("https://live.staticflickr.com/65535/49514337848_0123456789_c.jpg")


@pytest.mark.real_data
def test_recorded_answers_are_read_whole(shared_data: Path) -> None:
    files = sorted((shared_data / "recorded" / "openverse" / "flickr").glob("*.json"))
    assert files
    pages = 0
    for file in files:
        answer = json.loads(file.read_text())
        if not isinstance(answer, dict) or "photos" not in answer:
            continue
        pages += 1
        found = _search(answer)
        assert isinstance(found, Step)
        assert found.seen == len({photo["id"] for photo in answer["photos"]["photo"]})
        assert Refusal.MALFORMED not in found.refused
        for photo in found.photos:
            assert photo.image_url is not None
            assert photo.uploaded is not None
            assert photo.date_taken_granularity is not None
    assert pages
