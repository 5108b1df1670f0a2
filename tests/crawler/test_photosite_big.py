"""The synthetic site: its searches against a plain count over all of its photos, its bytes, its truth."""

import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from PIL import Image

from agegap.errors import WrongUse
from crawler.photosite.big import BigPhotos, Plan, expected_bytes, read_plan, write_truth
from crawler.photosite.big.columns import BURST, SHARED_EVERY
from crawler.photosite.big.plan import name_of
from crawler.photosite.big.truth import truth_of
from crawler.photosite.faults import Faults
from crawler.photosite.images import find_file
from crawler.photosite.photos import SitePhoto
from crawler.photosite.records import PhotoRecord
from crawler.photosite.rest import answer

SITE = BigPhotos(Plan(names=12, large=1, each=700))


def all_photos(site: BigPhotos) -> list[SitePhoto]:
    """Every photo, asked for one by one."""
    photos = [site.photo(str(40_000_000_000 + place)) for place in range(site.photo_count)]
    return [photo for photo in photos if photo is not None]


def phrase(site: BigPhotos, number: int) -> str:
    return f'"{site.names[number].replace("_", " ")}"'


def found(site: BigPhotos, **params: str) -> list[SitePhoto]:
    """All results of a search, page by page."""
    photos: list[SitePhoto] = []
    page = 1
    while True:
        result = site.search({"per_page": "97", "page": str(page), **params})
        photos += result.photos
        if page >= result.pages:
            assert len(photos) == result.total
            return photos
        page += 1


def records(photos: list[SitePhoto]) -> list[PhotoRecord]:
    return [photo.record for photo in photos]


def test_names_are_two_words_that_no_other_name_has() -> None:
    names = [name_of(number) for number in range(160_000)]
    assert len(set(names)) == 160_000
    assert all(len(name.split("_")) == 2 and name.replace("_", "").isalpha() for name in names)


@pytest.mark.parametrize("number", [0, 1, 11])
def test_a_phrase_finds_the_photos_whose_title_has_it_oldest_first(number: int) -> None:
    display = SITE.names[number].replace("_", " ")
    expected = sorted(
        (photo.record.date_upload, int(photo.record.id)) for photo in all_photos(SITE) if display in photo.record.title
    )
    photos = found(SITE, text=phrase(SITE, number), sort="date-posted-asc")
    assert [(photo.record.date_upload, int(photo.record.id)) for photo in photos] == expected
    assert len(expected) > 0


def test_a_window_a_licence_and_a_taken_date_narrow_a_search() -> None:
    everyone = found(SITE, text=phrase(SITE, 0))
    middle = sorted(photo.record.date_upload for photo in everyone)[300]
    older = found(SITE, text=phrase(SITE, 0), max_upload_date=str(middle))
    newer = found(SITE, text=phrase(SITE, 0), min_upload_date=str(middle + 1))
    assert len(older) + len(newer) == len(everyone)
    assert {photo.record.id for photo in older} | {photo.record.id for photo in newer} == {
        photo.record.id for photo in everyone
    }
    licensed = found(SITE, text=phrase(SITE, 0), license="4,5")
    expected = [photo.record.id for photo in everyone if photo.record.license in ("4", "5")]
    assert [photo.record.id for photo in licensed] == expected
    early = found(SITE, text=phrase(SITE, 0), max_taken_date="1990-06-30 00:00:00")
    assert {photo.record.id for photo in early} == {
        photo.record.id for photo in everyone if photo.record.date_taken <= "1990-06-30 00:00:00"
    }
    assert 0 < len(early) < len(everyone)


def test_tags_owners_and_exclusions_are_searched_too() -> None:
    everyone = found(SITE, text=phrase(SITE, 3))
    by_tag = found(SITE, tags=SITE.names[3].replace("_", " "))
    assert records(by_tag) == records(everyone)
    owner = everyone[0].record.owner
    of_owner = found(SITE, text=phrase(SITE, 3), user_id=owner)
    assert records(of_owner) == [record for record in records(everyone) if record.owner == owner]
    assert found(SITE, text=f"{phrase(SITE, 3)} -{phrase(SITE, 3)}") == []
    assert found(SITE, text='"Nobody Atall"') == []
    told = SITE.owner(owner)
    assert told is not None
    assert told.photo_count == sum(photo.record.owner == owner for photo in all_photos(SITE))


def test_some_photos_show_two_names() -> None:
    both = {photo.record.id for photo in found(SITE, text=phrase(SITE, 0))} & {
        photo.record.id for photo in found(SITE, text=phrase(SITE, 1))
    }
    assert len(both) == 700 // SHARED_EVERY


def test_dates_are_of_every_kind() -> None:
    told = records(all_photos(SITE))
    assert {record.date_taken_granularity for record in told} == {0, 4, 6, 8}
    assert any(record.date_taken.startswith("0000") for record in told)
    unknown = [record for record in told if record.date_taken_unknown]
    assert 0.05 < len(unknown) / len(told) < 0.15
    hours = set()
    for record in unknown:  # the upload time on the owner's clock
        taken = datetime.fromisoformat(record.date_taken).replace(tzinfo=UTC).timestamp()
        hours.add((taken - record.date_upload) / 3600)
    assert hours <= set(range(-12, 13))
    assert len(hours) > 5
    known = [record for record in told if not record.date_taken_unknown and record.date_taken[:4] != "0000"]
    assert all(record.date_taken[:4] in record.title for record in known)


def test_a_large_name_has_a_burst_in_one_second_that_no_search_shows_whole() -> None:
    site = BigPhotos(Plan(names=1, large=1, each=12_000))
    seconds = Counter(site.found_by(0).date_upload.tolist())
    second, most = seconds.most_common(1)[0]
    assert most >= BURST
    result = site.search({"text": phrase(site, 0), "min_upload_date": str(second), "max_upload_date": str(second)})
    assert result.total == most
    first = {
        photo.record.id
        for page in range(1, 11)
        for photo in site.search(
            {
                "text": phrase(site, 0), "min_upload_date": str(second), "max_upload_date": str(second),
                "per_page": "500", "page": str(page), "sort": "date-posted-asc",
            }
        ).photos
    }  # fmt: skip
    assert len(first) == 4000


def test_every_photo_has_its_own_bytes_and_they_are_a_jpeg_of_the_told_extent() -> None:
    ids = [photo.record.id for photo in all_photos(SITE)[:300]]
    contents = [expected_bytes(photo_id) for photo_id in ids]
    assert len(set(contents)) == 300
    assert all(110_000 < len(content) < 150_000 for content in contents)
    with Image.open(io.BytesIO(contents[7])) as image:
        image.load()
        assert (image.format, image.size) == ("JPEG", (800, 600))
        assert image.info["comment"].decode() == f"photo {ids[7]}"


def test_the_url_told_is_the_file_served() -> None:
    told = answer(
        SITE,
        {"method": "flickr.photos.search", "api_key": "k", "text": phrase(SITE, 0), "extras": "url_c,o_dims"},
        "http://site",
    )
    photo = told["photos"]["photo"][0]
    _, _, _, server, name = photo["url_c"].split("/")
    file = find_file(SITE, server, name)
    assert file is not None
    assert file.photo.load() == expected_bytes(photo["id"])
    assert (photo["width_c"], photo["height_c"]) == ("800", 600)


def test_changes_reach_searches_and_photos_alike() -> None:
    site = BigPhotos(Plan(names=2, large=1, each=2000))
    before = {photo.record.id: photo.record for photo in found(site, text=phrase(site, 0))}
    site.set_faults(Faults(added=0.05, deleted=0.05, relicensed=0.05, change_calls=50))
    start = {photo.record.id for photo in found(site, text=phrase(site, 0))}
    site.calls = 50
    end = {photo.record.id: photo for photo in found(site, text=phrase(site, 0))}
    gone, new = start - end.keys(), end.keys() - start
    assert gone
    assert new
    for photo_id in gone:
        assert site.photo(photo_id) is None
        assert site.absence(photo_id) == "deleted"
    for photo_id in new:
        assert end[photo_id].record.date_upload > Faults().clock
        alone = site.photo(photo_id)
        assert alone is not None
        assert alone.record == end[photo_id].record
    changed = [photo for photo in end.values() if photo.record.license != before[photo.record.id].license]
    assert 40 < len(changed) < 160
    for photo in changed:
        assert photo.first_licence == before[photo.record.id].license
    assert {site.absence(photo_id) for photo_id in end} == {"unknown"}


def test_the_truth_is_what_searches_find(tmp_path: Path) -> None:
    write_truth(SITE, tmp_path / "truth.json")
    truth = truth_of(SITE)
    assert truth["photos"] == len(all_photos(SITE))
    assert truth["photos_open"] == sum(photo.record.license != "0" for photo in all_photos(SITE))
    for number in (0, 5):
        photos = found(SITE, text=phrase(SITE, number))
        entry = truth["names"][number]
        assert entry["found"] == len(photos)
        assert entry["by_licence"] == dict(Counter(photo.record.license for photo in photos))
    assert truth["names"][0]["least_calls"] == 2
    assert truth["least_calls"] == sum(max(1, -(-entry["found"] // 500)) for entry in truth["names"])


@pytest.mark.parametrize("text", ["", "10", "10,20,5", "0,0,5", "10,1,0", "a,b,c", "10,1,1,1"])
def test_a_bad_plan_is_refused(text: str) -> None:
    with pytest.raises(WrongUse, match="--big"):
        read_plan(text, seed=0)
