"""Lists of photos (searches, photos of an owner) against every recorded one, in JSON and XML."""

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from crawler.photosite.envelope import wrap_answer
from crawler.photosite.rest import answer
from crawler.photosite.search import PhotoIndex
from tests.crawler.photosites import site_photo

METHODS = ("flickr.photos.search", "flickr.people.getPhotos", "flickr.people.getPublicPhotos")
FILES = ("flickr_objects_cassettes.jsonl", "flickr_photos_api.jsonl", "flickypedia.jsonl", "flinumeratr.jsonl")
OF_A_PLACE = {
    "place_id", "woeid", "geo_is_public", "geo_is_contact", "geo_is_friend", "geo_is_family",
    "latitude", "longitude", "accuracy", "context",
}  # fmt: skip
"""Our photos are of no known place: these are absent, or the number 0 where a known place is text."""

SINCE_2014 = {"datetakenunknown", "o_width", "o_height"}
"""Keys that the JSON of 2014 has not; that of 2020 has them (test_photosite_answers.py)."""

TYPES_OF_2020 = {
    "datetakengranularity", "height_l", "height_m", "height_s", "height_t", "width_l", "width_m", "width_s", "width_t",
}  # fmt: skip
"""Their type differs between the recordings; ours is the newer one."""


def recorded(shared_data: Path) -> Iterator[tuple[dict[str, str], str]]:
    """Yield parameters and body of every recorded list that has photos."""
    for name in FILES:
        for line in (shared_data / "recorded" / name).read_text(encoding="utf-8").splitlines():
            call = json.loads(line)
            params = call["params"] or {}
            if params.get("method") in METHODS and ("<photo " in call["body"] or '"photo":[{' in call["body"]):
                yield params, call["body"]


def ours(params: dict[str, str], *, is_xml: bool) -> str:
    """Our answer to the same question, of a photo so large that it has every size."""
    photo = site_photo(width=9000, height=6000)
    asked = {"method": params["method"], "extras": params.get("extras", ""), "api_key": "k"}
    told = answer(PhotoIndex([photo]), {**asked, "user_id": photo.record.owner}, "https://live.staticflickr.com")
    return wrap_answer(told, {} if is_xml else {"format": "json", "nojsoncallback": "1"}).body


def read(body: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Return the frame of a list, without its photos, and the photos."""
    if body.startswith("<?xml"):
        root = ElementTree.fromstring(body).find("photos")
        assert root is not None
        photos = [{**photo.attrib, **{child.tag: child for child in photo}} for photo in root.iter("photo")]
        return dict(root.attrib), photos
    frame = json.loads(body)["photos"]
    return {key: value for key, value in frame.items() if key != "photo"}, frame["photo"]


def is_of_a_size(key: str) -> bool:
    return key.startswith(("url_", "height_", "width_"))


def is_alike(one: dict[str, Any], other: dict[str, Any], key: str) -> bool:
    return type(one[key]) is type(other[key])


@pytest.mark.real_data
def test_every_recorded_list_has_our_keys_and_types(shared_data: Path) -> None:
    lists = list(recorded(shared_data))
    assert len(lists) >= 11
    unlike: set[str] = set()
    for params, body in lists:
        frame, photos = read(body)
        our_frame, (mine,) = read(ours(params, is_xml=body.startswith("<?xml")))
        assert {key: type(value) for key, value in our_frame.items()} == {
            key: type(value) for key, value in frame.items()
        }
        seen: set[str] = set()
        for photo in photos:
            seen |= photo.keys()
            assert photo.keys() - mine.keys() <= OF_A_PLACE, params
            common = photo.keys() & mine.keys() - OF_A_PLACE
            unlike |= {key for key in common if None not in (mine[key], photo[key]) and not is_alike(mine, photo, key)}
        missing = {key for key in mine.keys() - seen - SINCE_2014 if not is_of_a_size(key)}
        assert not missing, params
    assert unlike == TYPES_OF_2020
