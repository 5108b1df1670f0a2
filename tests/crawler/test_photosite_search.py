"""What a search of the photo site finds, and the site's limits on it."""

from itertools import pairwise
from typing import Any

import pytest

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
