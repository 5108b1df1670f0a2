"""Answers key for key and type for type: against an invented answer, and against the recorded ones."""

import json
import xml.etree.ElementTree as ElementTree
from pathlib import Path
from typing import Any

import pytest

from crawler.photosite.answers import describe_photo
from crawler.photosite.envelope import wrap_answer, wrap_fault
from crawler.photosite.rest import answer
from crawler.photosite.search import ApiFault, PhotoIndex
from crawler.photosite.sizes import BY_KEY, SIZES, Extent, extent_of, has_size
from tests.crawler.photosites import site_photo

# The shape of recorded answers with an invented photo: 2020 keys as that year's answer had them, others from 2014.
KNOWN = {
    "id": "40000000001", "owner": "1@N01", "secret": "x", "server": "65535", "farm": 66, "title": "Vale",
    "ispublic": 1, "isfriend": 0, "isfamily": 0, "license": "4", "description": {"_content": "<b>Vale</b>"},
    "o_width": "1200", "o_height": "900", "dateupload": "1500000000", "lastupdate": "1500000000",
    "datetaken": "1987-05-01 00:00:00", "datetakengranularity": "4", "datetakenunknown": "0", "ownername": "oldbox",
    "iconserver": "0", "iconfarm": 0, "views": "9", "tags": "martaquillon vision:age=42 1987",
    "machine_tags": "vision:age=42", "originalsecret": "x", "originalformat": "jpg", "latitude": 0, "longitude": 0,
    "accuracy": 0, "context": 0, "media": "photo", "media_status": "ready", "pathalias": None, "content_type": "0",
    "url_sq": "x", "height_sq": 75, "width_sq": 75, "url_q": "x", "height_q": "150", "width_q": "150",
    "url_t": "x", "height_t": 75, "width_t": 100, "url_s": "x", "height_s": 180, "width_s": 240,
    "url_n": "x", "height_n": 240, "width_n": "320", "url_m": "x", "height_m": 375, "width_m": 500,
    "url_z": "x", "height_z": "480", "width_z": "640", "url_c": "x", "height_c": 600, "width_c": "800",
    "url_l": "x", "height_l": 768, "width_l": 1024, "url_h": "x", "height_h": 900, "width_h": "1200",
    "url_o": "x", "height_o": "900", "width_o": "1200",
}  # fmt: skip
EXTRAS = [
    "description", "license", "date_upload", "date_taken", "owner_name", "icon_server", "original_format",
    "last_update", "geo", "tags", "machine_tags", "o_dims", "views", "media", "path_alias", "content_type",
    *(f"url_{key}" for key in ("sq", "t", "s", "q", "m", "n", "z", "c", "l", "h", "k", "o")),
]  # fmt: skip
OPAQUE = ("secret", "originalsecret", "views")  # the site's own invention, only their type is compared


def described(extras: list[str], **fields: Any) -> dict[str, Any]:
    extent = {name: fields.pop(name) for name in ("width", "height") if name in fields}
    return describe_photo(site_photo(**extent, **fields), extras, "http://site")


def test_an_entry_has_the_recorded_keys_types_and_values() -> None:
    entry = described(
        EXTRAS, width=1200, height=900, id="40000000001", title="Vale", description="<b>Vale</b>", ownername="oldbox",
        date_taken="1987-05-01 00:00:00", date_taken_granularity=4, date_taken_unknown=False,
        tags=("Marta Quillon", "vision:age=42", "1987"),
    )  # fmt: skip
    assert entry.keys() == KNOWN.keys()
    for key, value in KNOWN.items():
        assert type(entry[key]) is type(value), key
        if key not in OPAQUE and not key.startswith("url_"):
            assert entry[key] == value, key


def test_only_asked_extras_are_present() -> None:
    bare = {"id", "owner", "secret", "server", "farm", "title", "ispublic", "isfriend", "isfamily"}
    assert described([]).keys() == bare
    assert described(["tags", "nonsense", "url_nonsense"]).keys() == bare | {"tags"}
    assert described(["url_t"]).keys() == bare | {"url_t", "height_t", "width_t"}


def test_truth_is_never_served() -> None:
    truth = {"subject": "Zelda_Truth", "age": 77.25, "taken_year": 1803, "birth_year": 1777}
    extras = [*EXTRAS, *truth, "realname", "safety_level", "count_faves", "count_comments"]
    told = json.dumps(described(extras, **truth))
    assert not any(str(value) in told for value in truth.values())


def test_the_granularity_is_a_number_where_the_date_is_unknown_and_text_elsewhere() -> None:
    unknown = described(["date_taken"], date_taken_unknown=True)
    known = described(["date_taken"], date_taken_unknown=False, date_taken_granularity=8)
    assert (unknown["datetakengranularity"], unknown["datetakenunknown"]) == (0, "1")
    assert (known["datetakengranularity"], known["datetakenunknown"]) == ("8", "0")


@pytest.mark.parametrize(
    ("extent", "largest"),
    [
        ((80, 60), "t"),
        ((330, 400), "w"),
        ((480, 360), "m"),
        ((500, 500), "m"),
        ((501, 300), "z"),
        ((1024, 10), "l"),
        ((7000, 1), "6k"),
    ],
)
def test_sizes_end_with_the_first_that_holds_the_photo(extent: tuple[int, int], largest: str) -> None:
    keys = [size.key for size in SIZES if has_size(Extent(*extent), size)]
    expected = [size.key for size in SIZES][: [size.key for size in SIZES].index(largest) + 1]
    assert keys == expected + ["m"] * ("m" not in expected)  # the medium is always there
    assert extent_of(Extent(*extent), BY_KEY["o"]) == Extent(*extent)


def test_sizes_up_to_large_share_a_secret_and_larger_ones_do_not() -> None:
    entry = described(EXTRAS, width=3000, height=2000)
    secrets = {key: value.split("_")[1].split(".")[0] for key, value in entry.items() if key.startswith("url_")}
    assert len({secrets[f"url_{key}"] for key in ("sq", "q", "t", "s", "n", "m", "z", "c", "l")}) == 1
    assert len({secrets[f"url_{key}"] for key in ("l", "h", "k", "o")}) == 4


# --- envelopes and refusals ---


def call(**params: str) -> str:
    index = PhotoIndex([site_photo(title="Vale")])
    try:
        return wrap_answer(answer(index, params, "http://site"), params).body
    except ApiFault as fault:
        return wrap_fault(fault, params).body


def call_json(**params: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(call(format="json", nojsoncallback="1", **params))
    return content


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"method": "flickr.photos.search", "text": "vale"}, 100),
        ({"method": "flickr.photos.search", "text": "vale", "api_key": "what is this?"}, 100),
        ({"method": "flickr.photos.nonsense", "api_key": "k"}, 112),
        ({"api_key": "k"}, 112),
        ({"method": "flickr.photos.search", "api_key": "k"}, 3),
    ],
)
def test_refusals_carry_the_sites_codes(params: dict[str, str], code: int) -> None:
    refused = call_json(**params)
    assert refused.keys() == {"stat", "code", "message"}
    assert (refused["stat"], refused["code"]) == ("fail", code)


def test_the_envelope_of_a_search() -> None:
    found = call_json(method="flickr.photos.search", api_key="k", text="vale")
    assert found.keys() == {"photos", "stat"}
    assert {key: value for key, value in found["photos"].items() if key != "photo"} == {
        "page": 1,
        "pages": 1,
        "perpage": 100,
        "total": "1",
    }


def test_json_is_wrapped_in_a_call_unless_told_otherwise() -> None:
    params = {"method": "flickr.test.echo", "api_key": "k", "format": "json"}
    assert call(**params).startswith("jsonFlickrApi({")
    assert call(**params).endswith("})")
    assert call(**params, jsoncallback="mine").startswith("mine({")
    assert json.loads(call(**params, nojsoncallback="1"))["method"] == {"_content": "flickr.test.echo"}


def test_without_a_format_the_answer_is_xml() -> None:
    root = ElementTree.fromstring(call(method="flickr.photos.search", api_key="k", text="vale", extras="description"))
    (photo,) = root.iter("photo")
    assert (root.get("stat"), photo.get("title")) == ("ok", "Vale")
    error = ElementTree.fromstring(call(method="flickr.nonsense")).find("err")
    assert error is not None
    assert error.get("code") == "100"


# --- the recorded answers themselves ---


def recorded_search(shared_data: Path) -> list[dict[str, Any]]:
    folder = shared_data / "recorded" / "openverse" / "flickr"
    pretty = json.loads((folder / "flickr_example_pretty.json").read_text(encoding="utf-8"))
    photos: list[dict[str, Any]] = list(pretty["photos"]["photo"])
    photos += json.loads((folder / "flickr_example_photo_list.json").read_text(encoding="utf-8"))
    for name in ("image_data_complete_example", "image_data_sub_provider_example"):
        photos.append(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
    return photos


ASKED_BY_KEY = {
    "description": "description", "license": "license", "dateupload": "date_upload", "datetaken": "date_taken",
    "ownername": "owner_name", "o_width": "o_dims", "views": "views", "tags": "tags", "content_type": "content_type",
}  # fmt: skip


def as_ours(recorded: dict[str, Any], extras: list[str]) -> dict[str, Any]:
    """Our entry for the photo of a recorded one."""
    largest = max((key for key in recorded if key.startswith("width_")), key=lambda key: int(recorded[key]))
    width = int(recorded.get("o_width", recorded[largest]))
    height = int(recorded.get("o_height", recorded[largest.replace("width", "height")]))
    photo = site_photo(
        width=width, height=height, id=recorded["id"], title=recorded["title"], owner=recorded["owner"],
        description=recorded["description"]["_content"], tags=tuple(recorded["tags"].split()),
        license=recorded["license"], date_upload=int(recorded["dateupload"]), date_taken=recorded["datetaken"],
        date_taken_granularity=int(recorded["datetakengranularity"]),
        date_taken_unknown=recorded["datetakenunknown"] == "1", ownername=recorded["ownername"],
    )  # fmt: skip
    return describe_photo(photo, extras, "https://live.staticflickr.com")


@pytest.mark.real_data
def test_entries_equal_the_recorded_ones_of_2020(shared_data: Path) -> None:
    recorded = recorded_search(shared_data)
    assert len(recorded) >= 60
    for entry in recorded:
        extras = [extra for key, extra in ASKED_BY_KEY.items() if key in entry]
        ours = as_ours(entry, [*extras, "url_t", "url_s", "url_m", "url_l"])
        assert ours.keys() == entry.keys()
        for key, value in entry.items():
            assert type(ours[key]) is type(value), key
            if key not in ("secret", "server", "views") and not key.startswith("url_"):
                assert ours[key] == value, key


@pytest.mark.real_data
def test_keys_that_2020_lacks_have_the_recorded_types_of_2014(shared_data: Path) -> None:
    lines = (shared_data / "recorded" / "flickr_objects_cassettes.jsonl").read_text(encoding="utf-8").splitlines()
    calls = [json.loads(line) for line in lines]
    asked = [call for call in calls if "extras" in (call["params"] or {})]
    (search,) = [call for call in asked if call["params"]["method"] == "flickr.photos.search"]
    entry = json.loads(search["body"])["photos"]["photo"][0]
    newer = {key for photo in recorded_search(shared_data) for key in photo}
    place = {"latitude", "longitude", "accuracy", "place_id", "woeid"}  # we serve photos of no known place
    ours = described(search["params"]["extras"].split(","), width=int(entry["width_o"]), height=int(entry["height_o"]))
    older = {key for key in entry.keys() - newer - place if not key.startswith("geo_")}
    assert {"originalformat", "pathalias", "height_n", "width_c", "url_k", "media_status"} <= older
    assert older <= ours.keys()
    assert {key: type(ours[key]) for key in older} == {key: type(entry[key]) for key in older}


@pytest.mark.real_data
def test_licences_equal_the_recorded_list(shared_data: Path) -> None:
    lines = (shared_data / "recorded" / "flickr_photos_api.jsonl").read_text(encoding="utf-8").splitlines()
    calls = [json.loads(line) for line in lines]
    (recorded,) = [call for call in calls if call["params"].get("method") == "flickr.photos.licenses.getInfo"]
    ours = ElementTree.fromstring(call(method="flickr.photos.licenses.getInfo", api_key="k"))
    theirs = ElementTree.fromstring(recorded["body"])
    assert [element.attrib for element in ours.iter("license")] == [e.attrib for e in theirs.iter("license")]
    listed = call_json(method="flickr.photos.licenses.getInfo", api_key="k")["licenses"]["license"]
    assert [licence["id"] for licence in listed] == [element.get("id") for element in theirs.iter("license")]
