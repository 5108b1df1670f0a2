"""Every photo of a name is found, whatever its number, its seconds, and what changes meanwhile."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.crawl_settings import CrawlSettings
from crawler.names import Name
from crawler.sites.flickr import pages as reading_by_pages
from crawler.sites.flickr.pages import page_at
from crawler.sites.flickr.site import FlickrSite
from crawler.sites.found import Refusal
from db.window_rows import Window
from tests.crawler.flickr_in_memory import CAP, NOW, Crawl, Flickr, Photo, crawl, photos_of

OPEN = {str(number) for number in range(1, 17)}
SECOND = 1_300_000_000


def _burst(count: int, *, licences: str = "4", second: int = SECOND) -> list[Photo]:
    ids = licences.split(",")
    return [Photo(second, f"9{number:010d}", ids[number % len(ids)]) for number in range(count)]


def _allowed(photos: list[Photo], licences: set[str] = OPEN) -> set[str]:
    return {photo.photo_id for photo in photos if photo.licence in licences}


@contextmanager
def _small_cap(cap: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reading_by_pages, "RESULT_CAP", cap)
        yield


@pytest.mark.parametrize(
    ("count", "calls"),
    [(0, 1), (1, 1), (499, 1), (500, 2), (501, 2), (998, 2), (999, 3), (1000, 3), (4000, 9), (20_000, 41)],
)
def test_a_name_costs_the_fewest_calls_and_one_where_they_come_out_even(count: int, calls: int) -> None:
    photos = photos_of(count, seed=count)
    done = crawl(Flickr(photos))
    assert done.stored == _allowed(photos)
    assert (done.calls, done.query_total, done.seen) == (calls, count, count)
    assert done.ranks == list(range(count))


def test_a_big_name_pays_for_the_wanted_licences_only() -> None:
    photos = photos_of(20_000, seed=7, licences="0,0,0,4")
    done = crawl(Flickr(photos))
    allowed = _allowed(photos)
    assert done.stored == allowed
    assert done.calls <= 1 + ceil(len(allowed) / 499)
    assert done.refused.keys() == {Refusal.LICENCE}
    assert done.seen == len(allowed) + done.refused[Refusal.LICENCE]
    assert done.query_total == 20_000


def test_one_more_answer_is_asked_for_whole_so_that_it_tells_what_is_refused() -> None:
    photos = photos_of(900, seed=8, licences="0,4")
    done = crawl(Flickr(photos))
    assert done.stored == _allowed(photos)
    assert (done.calls, done.seen, len(done.windows)) == (2, 900, 1)


def test_a_windows_total_is_less_what_another_has_counted() -> None:
    done = crawl(Flickr(photos_of(5_000, seed=7, licences="0,4")))
    assert (done.totals[0], done.seen_of[0]) == (5_000, 500)
    assert done.totals[1] == done.seen_of[1]
    # The whole, what the filter leaves of it, its second, and from the other end what the first 4,000 do not hold.
    burst = crawl(Flickr(_burst(6_000)))
    assert burst.totals == [6_000, 5_500, 5_500, 2_000]
    assert burst.seen_of == [500, 0, 3_500, 2_000]


def test_the_key_is_named_and_not_in_what_is_asked() -> None:
    site = FlickrSite(CrawlSettings(sizes="original"), planned_at=NOW)
    (wanted,) = site.wanted_queries(Name("Marta_Quillon", "Marta Quillon"), {})
    window = Window(
        1, 1, 1, "Marta_Quillon", "Marta Quillon", wanted.text, wanted.kind, "4,5", 7, wanted.window.max_upload,
        wanted.window.sort, {"from": 9, "seen": ["1"], "rank": 1}, 1, 600,
    )  # fmt: skip
    ask = site.ask(window, "https://api.example/")
    assert (ask.url, ask.method, ask.needs_key) == ("https://api.example/", "POST", ("FLICKR_API_KEY", "api_key"))
    assert ask.params.items() >= {
        ("text", '"Marta Quillon"'), ("license", "4,5"), ("min_upload_date", "9"), ("max_upload_date", str(NOW)),
        ("sort", "date-posted-asc"), ("page", "1"), ("per_page", "500"),
    }  # fmt: skip
    assert "api_key" not in ask.params
    assert {"url_k", "url_h"} <= set(ask.params["extras"].split(","))


def test_no_page_beyond_the_limit_is_asked_for_a_big_name() -> None:
    site = Flickr(photos_of(10_000, seed=3))
    crawl(site)
    assert {call["page"] for call in site.calls} == {"1"}


@pytest.mark.parametrize("count", [500, 501, 995, 1500, 3999, 4000, 4001, 6000, 8000])
@pytest.mark.parametrize("licences", ["4", "0,4"])
def test_a_burst_of_one_second_is_read_whole(count: int, licences: str) -> None:
    photos = _burst(count, licences=licences) + photos_of(700, seed=count, licences=licences)
    done = crawl(Flickr(photos))
    assert done.stored == _allowed(photos)
    assert done.unreachable == 0
    if licences == "4":
        assert done.seen == len(photos)


def test_a_second_of_more_than_8000_is_read_licence_by_licence() -> None:
    photos = _burst(12_000, licences="4,5,9") + photos_of(100, seed=5)
    done = crawl(Flickr(photos))
    assert done.stored == _allowed(photos)
    assert (done.unreachable, done.seen) == (0, len(photos))
    assert {window.licences for window in done.windows} >= {"4", "5", "9"}


def test_what_no_search_reaches_is_counted() -> None:
    photos = _burst(10_000) + photos_of(300, seed=6)
    done = crawl(Flickr(photos))
    assert done.unreachable == 2_000
    assert len(done.stored) == done.seen == 8_300
    assert done.notes == ["the site has 10000 results of this window and shows 8000 of them"]


def test_a_realistic_mix_costs_hardly_more_calls_than_the_least_possible() -> None:
    """2,000 names; to be quick, names of one size are crawled once for all of them."""
    chance = random.Random(11)
    sizes = [min(499, int(chance.paretovariate(0.7))) for _ in range(1_970)]
    least = calls = 0
    for size in sorted(set(sizes)):
        photos = photos_of(size, seed=size, licences="0,4")
        times = sizes.count(size)
        least += times * max(1, ceil(len(_allowed(photos)) / 500))
        done = crawl(Flickr(photos))
        assert done.stored == _allowed(photos)
        calls += times * done.calls
    photos = photos_of(20_000, seed=1, licences="0,4")
    done = crawl(Flickr(photos))
    assert done.stored == _allowed(photos)
    calls, least = calls + 30 * done.calls, least + 30 * ceil(len(_allowed(photos)) / 500)
    assert calls <= 1.10 * least, f"{calls} calls, {least} possible: {calls / least:.3f}"


# -- a small site with all of the rules, so that much of it fits into a test -------------------------------------

_PER_PAGE, _CAP = 20, 160


@st.composite
def _sites(draw: st.DrawFn) -> tuple[list[Photo], int, int]:
    chance = random.Random(draw(st.integers(0, 2**32)))
    licences = draw(st.sampled_from(["4", "0,4", "0,4,5", "4,5,9,10", "0,0,0,99,4"])).split(",")
    span = draw(st.sampled_from([1, 3, 40, 100_000]))
    count = draw(st.integers(0, 300))
    most_in_a_second = 2 * _CAP
    photos = [
        Photo(SECOND + chance.randrange(span) * 2, f"{number:06d}", chance.choice(licences))
        for number in range(count if span > 1 else min(count, most_in_a_second - 40))
    ]
    for burst in range(draw(st.integers(0, 2))):
        second = SECOND + 1 + 2 * (burst * span + chance.randrange(span))
        size = draw(st.integers(1, most_in_a_second - 40))
        photos += [Photo(second, f"b{burst}{number:05d}", chance.choice(licences)) for number in range(size)]
    return photos, chance.randrange(2**32), draw(st.sampled_from([0, 0, 1, 3, 15]))


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(made=_sites())
def test_photos_that_stay_are_found_whatever_else_changes(made: tuple[list[Photo], int, int]) -> None:
    photos, seed, changes = made
    chance = random.Random(seed)
    staying = _allowed(photos)

    def change(site: Flickr, call: int) -> None:
        """Delete, add (old and new, into the same seconds) and relicense a few photos."""
        now = list(site.photos)
        for number in range(chance.randint(0, changes)):
            match chance.randrange(3):
                case 0 if now:
                    staying.discard(now.pop(chance.randrange(len(now))).photo_id)
                case 1:
                    second = chance.choice(now).upload if now else SECOND
                    now.append(Photo(second, f"{chance.choice('0az')}{call:04d}{number:03d}", "4"))
                case 2 if now:
                    place = chance.randrange(len(now))
                    old = now[place]
                    now[place] = Photo(old.upload, old.photo_id, chance.choice(["0", "4", "5"]))
                    if now[place].licence == "0":
                        staying.discard(old.photo_id)
        site.change(now)

    with _small_cap(_CAP):
        done = crawl(Flickr(photos, before_call=change if changes else None, cap=_CAP), per_page=_PER_PAGE)
    lost = staying - done.stored
    # More photos may come into a second than two ends of 160 reach: then the crawl must say so.
    assert len(lost) <= done.unreachable, (
        f"{len(lost)} of {len(staying)} lost in {done.calls} calls: {sorted(lost)[:5]}"
    )
    if not changes:
        assert done.stored == _allowed(photos)
        assert done.unreachable == 0


@given(place=st.integers(0, 4_500), most=st.integers(1, 500))
def test_a_page_begins_at_or_before_a_place_and_ends_behind_it(place: int, most: int) -> None:
    page = page_at(place, most=most)
    assert 1 <= page.size <= most
    assert page.start <= place < page.end


# -- a site that is not what it says ----------------------------------------------------------------------------


def _honest(**changes: object) -> Crawl:
    photos = photos_of(1_300, seed=4)
    site = Flickr(photos, **changes)  # type: ignore[arg-type]
    done = crawl(site)
    assert done.stored == _allowed(photos)
    return done


@pytest.mark.parametrize("total_of", [int, str, lambda count: 0, lambda count: count + 7, lambda count: count // 2])
def test_a_wrong_total_loses_nothing(total_of: object) -> None:
    assert _honest(total_of=total_of).seen == 1_300


@pytest.mark.parametrize("total", [None, "many", -3, {}])
def test_an_answer_without_a_total_loses_nothing(total: object) -> None:
    assert _honest(total_of=lambda count: total).query_total is None


def test_an_answer_that_lacks_its_end_is_asked_for_again_from_there() -> None:
    photos = photos_of(400, seed=4)
    site = Flickr(photos)
    whole = site.answer

    def cut(params: dict[str, str]) -> bytes:
        site.cap = 150 if not site.calls else CAP
        return whole(params)

    site.answer = cut  # type: ignore[method-assign,assignment]
    assert crawl(site).stored == _allowed(photos)


def test_an_empty_answer_that_claims_results_is_asked_for_once_more() -> None:
    photos = photos_of(40, seed=4)
    site = Flickr(photos)
    whole = site.answer

    def empty_at_first(params: dict[str, str]) -> bytes:
        site.cap = 0 if not site.calls else CAP
        return whole(params)

    site.answer = empty_at_first  # type: ignore[method-assign,assignment]
    done = crawl(site)
    assert (done.stored, done.calls, done.follow_ups) == (_allowed(photos), 2, [])


def test_a_site_that_hides_results_it_counts_is_believed_the_second_time() -> None:
    done = crawl(Flickr(photos_of(40, seed=4), total_of=lambda count: count + 3))
    assert (done.seen, done.calls) == (40, 3)
    assert done.notes == ["the site says 4 results more from here and shows 1"]


def test_results_a_little_out_of_order_are_all_found() -> None:
    photos = photos_of(3_000, seed=9)
    swapped: dict[int, int] = {}
    for place in range(20, 2_990, 97):
        one, other = sorted(photos)[place], sorted(photos)[place + 5]
        swapped[int(one.photo_id)], swapped[int(other.photo_id)] = other.upload, one.upload
    done = crawl(
        Flickr(photos, change_record=lambda r: {**r, "dateupload": str(swapped.get(int(r["id"]), r["dateupload"]))})
    )
    assert done.stored == _allowed(photos)


def test_one_impossible_date_does_not_end_the_reading_by_time() -> None:
    odd = {100: "0", 700: str(NOW + 10**8), 1_200: "1"}
    photos = photos_of(5_000, seed=10)
    by_id = {photo.photo_id: place for place, photo in enumerate(sorted(photos))}
    done = crawl(Flickr(photos, change_record=lambda r: {**r, "dateupload": odd.get(by_id[r["id"]], r["dateupload"])}))
    assert done.stored == _allowed(photos)


def test_without_upload_times_a_name_is_read_by_page_numbers_to_the_limit() -> None:
    photos = photos_of(9_000, seed=2)
    site = Flickr(photos, change_record=lambda r: {key: value for key, value in r.items() if key != "dateupload"})
    done = crawl(site, licences="4,5")
    assert len(done.stored) == 8_000
    assert done.unreachable == 1_000


def test_a_site_that_ignores_min_upload_date_is_read_by_page_numbers() -> None:
    def ignore(params: dict[str, str]) -> dict[str, str]:
        return {key: value for key, value in params.items() if key != "min_upload_date"}

    photos = photos_of(3_000, seed=2)
    done = crawl(Flickr(photos, change_params=ignore))
    assert done.stored == _allowed(photos)
    assert done.seen == 3_000
    assert "the site does not keep to min_upload_date: read by page numbers" in done.notes


def test_a_site_that_ignores_the_order_is_read_by_page_numbers() -> None:
    photos = photos_of(3_000, seed=2)
    done = crawl(Flickr(photos, change_params=lambda params: {**params, "sort": "date-posted-desc"}))
    assert done.stored == _allowed(photos)


def test_a_site_that_repeats_its_first_page_for_ever_ends() -> None:
    photos = photos_of(3_000, seed=2)
    done = crawl(Flickr(photos, change_params=lambda params: {"per_page": params["per_page"], "page": "1"}))
    assert done.calls < 30
    assert len(done.stored) == 500


def test_relicensing_between_the_whole_and_the_filtered_window_loses_nothing_that_was_free_throughout() -> None:
    photos = photos_of(3_000, seed=12, licences="0,4,5")
    staying = _allowed(photos)

    def relicense(site: Flickr, call: int) -> None:
        site.change([Photo(p.upload, p.photo_id, {"4": "5", "5": "4"}.get(p.licence, "0")) for p in site.photos])

    assert crawl(Flickr(photos, before_call=relicense)).stored == staying
