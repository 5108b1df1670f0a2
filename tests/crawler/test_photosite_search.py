"""What a search of the photo site finds, and the site's limits on it."""

from itertools import pairwise
from typing import Any

import pytest

from crawler.photosite.answers import describe_photo
from crawler.photosite.faults import Faults
from crawler.photosite.search import ApiFault, PhotoIndex
from tests.crawler.photosites import site_photo

PHOTOS: dict[str, dict[str, Any]] = {
    "title": {"title": "Marta Quillon, 1987"},
    "underscored": {"title": "Marta_Quillon"},
    "accented": {"title": "MARTÁ QUILLON"},
    "text": {"description": "<b>Marta</b> Quillon &amp; friends"},
    "tag": {"tags": ("Marta Quillon", "portrait")},
    "joined tag": {"tags": ("martaquillon",)},
    "apart": {"title": "Marta and a Quillon"},
    "two fields": {"title": "Marta", "description": "Quillon"},
    "longer": {"title": "Marta Quillonova"},
    "other": {"title": "Otto Bramberg"},
}
PHRASE_HITS = {"title", "underscored", "accented", "text", "tag", "joined tag"}


def found(**params: str) -> set[str]:
    names = list(PHOTOS)
    index = PhotoIndex(site_photo(place, id=name, **PHOTOS[name]) for place, name in enumerate(names))
    return {photo.record.id for photo in index.search({"per_page": "500", **params}).photos}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('"Marta Quillon"', PHRASE_HITS),
        ('"marta quillon"', PHRASE_HITS),
        ('"Marta_Quillon"', PHRASE_HITS),
        ("Marta Quillon", PHRASE_HITS - {"joined tag"} | {"apart", "two fields"}),
        ("Marta", PHRASE_HITS - {"joined tag"} | {"apart", "two fields", "longer"}),
        ("martaquillon", {"tag", "joined tag"}),
        ('"Marta Quillon" -1987', PHRASE_HITS - {"title"}),
        ('"Marta Quillon" -"friends"', PHRASE_HITS - {"text"}),
        ('"Quillon Marta"', set()),
        ("1987", {"title"}),
        ("nobody", set()),
    ],
)
def test_text_is_looked_for_in_title_description_and_tags(text: str, expected: set[str]) -> None:
    assert found(text=text) == expected


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"tags": "marta quillon"}, {"tag", "joined tag"}),
        ({"tags": "martaquillon,portrait", "tag_mode": "all"}, {"tag"}),
        ({"tags": "portrait,nothing"}, {"tag"}),
    ],
)
def test_tags_are_compared_without_case_and_spaces(params: dict[str, str], expected: set[str]) -> None:
    assert found(**params) == expected


def numbered(count: int) -> PhotoIndex:
    return PhotoIndex(
        site_photo(n, id=str(n), title="crowd", date_upload=1_000_000_000 + n, license=str(n % 3)) for n in range(count)
    )


def ids(index: PhotoIndex, **params: str) -> list[int]:
    return [int(photo.record.id) for photo in index.search({"text": "crowd", "per_page": "500", **params}).photos]


def test_upload_dates_are_inclusive_bounds_in_seconds_or_as_dates() -> None:
    index = numbered(20)
    assert sorted(ids(index, min_upload_date="1000000005", max_upload_date="1000000007")) == [5, 6, 7]
    assert sorted(ids(index, max_upload_date="2001-09-09 01:46:42")) == [0, 1, 2]  # 1,000,000,002


def test_licences_are_a_list() -> None:
    assert all(number % 3 != 1 for number in ids(numbered(12), license="0, 2"))
    assert len(ids(numbered(12), license="0,2")) == 8


def test_newest_uploads_come_first_unless_asked_otherwise() -> None:
    index = numbered(9)
    assert ids(index) == list(range(8, -1, -1))
    assert ids(index, sort="date-posted-asc") == list(range(9))


def test_videos_are_not_photos() -> None:
    assert ids(numbered(3), media="videos") == []
    assert len(ids(numbered(3), media="photos")) == 3


def test_pages_partition_the_results() -> None:
    index = numbered(23)
    pages = [index.search({"text": "crowd", "per_page": "5", "page": str(page)}) for page in range(1, 6)]
    together = [int(photo.record.id) for page in pages for photo in page.photos]
    assert together == list(range(22, -1, -1))
    assert {(page.pages, page.total, page.perpage) for page in pages} == {(5, 23, 5)}
    assert index.search({"text": "crowd", "per_page": "5", "page": "6"}).photos == []


@pytest.mark.parametrize(("asked", "given"), [("0", 1), ("501", 500), ("many", 100), ("", 100)])
def test_the_page_size_is_held_within_the_sites_limits(asked: str, given: int) -> None:
    assert numbered(3).search({"text": "crowd", "per_page": asked}).perpage == given


def test_page_zero_is_page_one() -> None:
    assert numbered(3).search({"text": "crowd", "page": "0"}).page == 1


def test_past_4000_results_the_last_page_repeats_and_the_total_stays() -> None:
    index = numbered(4100)
    pages = [index.search({"text": "crowd", "per_page": "500", "page": str(page)}) for page in range(1, 12)]
    listed = [[photo.record.id for photo in page.photos] for page in pages]
    assert all(listed[place] != listed[place + 1] for place in range(7))
    assert all(one == other for one, other in pairwise(listed[7:]))
    assert len({name for page in listed for name in page}) == 4000
    assert {(page.total, page.pages) for page in pages} == {(4100, 9)}


@pytest.mark.parametrize("params", [{}, {"license": "4"}, {"text": ""}, {"sort": "relevance", "per_page": "5"}])
def test_a_search_for_nothing_is_refused(params: dict[str, str]) -> None:
    with pytest.raises(ApiFault) as refused:
        numbered(1).search(params)
    assert refused.value.code == 3


@pytest.mark.parametrize("params", [{"min_upload_date": "20", "max_upload_date": "10"}, {"min_upload_date": "soon"}])
def test_dates_that_make_no_sense_are_refused(params: dict[str, str]) -> None:
    with pytest.raises(ApiFault) as refused:
        numbered(1).search(params)
    assert refused.value.code == 18


def index_of(*fields: dict[str, Any]) -> PhotoIndex:
    return PhotoIndex(site_photo(place, id=str(place), **each) for place, each in enumerate(fields))


def test_a_page_beyond_10000_is_answered_as_that_page() -> None:
    assert index_of({"title": "vale"}).search({"text": "vale", "page": "123456", "per_page": "1"}).page == 10_000


def test_a_search_by_place_finds_nothing_and_has_smaller_pages() -> None:
    page = index_of({"title": "vale"}).search({"text": "vale", "bbox": "1,2,3,4", "per_page": "500"})
    assert (page.perpage, page.total) == (250, 0)


@pytest.mark.parametrize(
    ("params", "total"),
    [
        ({"content_types": "0"}, 1), ({"content_types": "1,2"}, 0), ({"content_types": "0,3"}, 1),
        ({"content_type": "7"}, 1), ({"content_type": "2"}, 0), ({"media": "photos"}, 1), ({"has_geo": "1"}, 0),
        ({"safe_search": "1"}, 1), ({"in_gallery": "1"}, 0), ({"license": "4"}, 1), ({"is_commons": "1"}, 0),
        ({"sort": "nonsense"}, 1), ({"per_page": "-3"}, 1), ({"page": "first"}, 1),
    ],
)  # fmt: skip
def test_what_no_photo_of_the_site_is_finds_nothing(params: dict[str, str], total: int) -> None:
    assert index_of({"title": "vale"}).search({"text": "vale", **params}).total == total


def test_the_commons_are_the_photos_without_known_restrictions() -> None:
    index = index_of({"license": "4"}, {"license": "7"})
    assert [photo.record.id for photo in index.search({"is_commons": "1"}).photos] == ["1"]


def test_more_than_20_tags_that_all_have_to_match_are_refused() -> None:
    tags = ",".join(f"t{number}" for number in range(21))
    with pytest.raises(ApiFault) as refused:
        index_of({}).search({"tags": tags, "tag_mode": "all"})
    assert refused.value.code == 1
    assert index_of({}).search({"tags": tags}).total == 0


@pytest.mark.parametrize("sort", ["interestingness", "date-taken", "date-posted"])
def test_ascending_and_descending_are_each_others_reverse(sort: str) -> None:
    index = index_of(*({"title": "vale", "date_taken": f"19{99 - place % 5}-01-01 00:00:00"} for place in range(12)))
    ways = [
        [photo.record.id for photo in index.search({"text": "vale", "sort": f"{sort}-{way}"}).photos]
        for way in ("asc", "desc")
    ]
    assert ways[0] == ways[1][::-1]
    assert len(set(ways[0])) == 12


def test_relevance_puts_words_of_the_title_first() -> None:
    index = index_of({"description": "vale"}, {"title": "vale"}, {"tags": ("vale",)})
    assert index.search({"text": "vale", "sort": "relevance"}).photos[0].record.id == "1"


def test_without_the_cap_every_page_is_another() -> None:
    photos = [site_photo(number, id=str(number), title="vale") for number in range(4300)]
    index = PhotoIndex(photos)
    index.set_faults(Faults(cap=False))
    seen = {p.record.id for n in range(1, 10) for p in index.search(page_params(n)).photos}
    assert len(seen) == 4300
    index.set_faults(Faults(offset_error=True))
    assert len({p.record.id for n in range(1, 9) for p in index.search(page_params(n)).photos}) == 4000
    with pytest.raises(ApiFault) as refused:
        index.search(page_params(9))
    assert refused.value.code == 20


def page_params(number: int) -> dict[str, str]:
    return {"text": "vale", "per_page": "500", "page": str(number)}


def test_some_photos_lack_the_larger_sizes() -> None:
    photo = site_photo(id="7", width=2000, height=1000)
    index = PhotoIndex([photo])
    index.set_faults(Faults(absent_sizes=1.0))
    (found_photo,) = index.search({"user_id": photo.record.owner}).photos
    told = describe_photo(found_photo, ["url_m", "url_z", "url_c", "url_o"], "http://site")
    assert "url_m" in told
    assert not {"url_z", "width_z", "url_c", "url_o"} & told.keys()
