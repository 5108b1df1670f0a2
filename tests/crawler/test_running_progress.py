"""The progress line and the tally: what they say of a crawl that is under way."""

import pytest

from crawler.running.progress import Progress, Rates, names_so_far, open_windows, photos_so_far, seconds_left
from crawler.sites.found import Refusal, Step
from crawler.tally import Counts, Tally
from db.image_frontier import PhotoOutcome
from db.windows import NewWindow, StoredStep


def _tally() -> Tally:
    """Forty names, ten of them done before; this run asked ten more with 20 calls and found 1,000 photos."""
    tally = Tally("flickr", names_total=40)
    tally.before = Counts(
        queries={"done": 10, "pending": 30}, windows={"done": 10, "pending": 30}, photos={"done": 500, "pending": 100}
    )
    tally.names_done, tally.calls, tally.photos_new = 10, 20, 1000
    return tally


def test_searching_and_fetching_both_count_for_the_time_left_and_the_slower_tells() -> None:
    tally = _tally()
    tally.images["done"] = 300
    # 20 names to go at 2 calls and 100 photos each; 600 - 500 + 1000 - 300 photos wait and 2,000 are to come.
    assert seconds_left(tally, Rates(calls=1.0, images=1000.0)) == pytest.approx(40)
    assert seconds_left(tally, Rates(calls=1.0, images=10.0)) == pytest.approx(280)


@pytest.mark.parametrize("rates", [Rates(0.0, 5.0), Rates(1.0, 0.0)])
def test_no_time_is_told_while_something_stands_still(rates: Rates) -> None:
    tally = _tally()
    tally.images["done"] = 1
    assert seconds_left(tally, rates) is None


def test_no_time_is_told_before_the_first_name_is_through() -> None:
    assert seconds_left(Tally("flickr", names_total=5), Rates(1.0, 1.0)) is None


def test_a_step_is_counted_with_its_photos_windows_and_refusals() -> None:
    tally = _tally()
    step = Step(photos=(), seen=9, refused={Refusal.LICENCE: 3, Refusal.NOT_A_PHOTO: 1}, children=(NewWindow(),))
    tally.count_step(step, StoredStep(4, 1, 2, is_window_done=True, is_query_done=False))
    assert (tally.photos_new, tally.photos_known, tally.photos_buried) == (1004, 1, 2)
    assert dict(tally.refused) == {"licence": 3, "not_a_photo": 1}
    assert open_windows(tally) == 30
    assert names_so_far(tally) == (20, 40)
    assert photos_so_far(tally) == 1604


def test_images_are_counted_by_what_became_of_them() -> None:
    tally = Tally("flickr")
    tally.count_images(
        [
            PhotoOutcome(photo_id=1, state="done", path="a", sha256="x", byte_count=1_500_000),
            PhotoOutcome(photo_id=2, state="done", path="a", sha256="x", byte_count=500_000, duplicate_of=1),
            PhotoOutcome(photo_id=3, state="gone", path=None, error="HTTP 404"),
        ]
    )
    this_run = tally.result()["this_run"]
    assert (this_run["images_fetched"], this_run["images_duplicate"], this_run["images_gone"]) == (2, 1, 1)
    assert this_run["megabytes"] == 2.0


def test_the_line_tells_names_windows_photos_rates_and_faults() -> None:
    tally = _tally()
    tally.images.update({"done": 290, "gone": 7, "failed": 3})
    tally.refused["licence"] = 12
    tally.started -= 10
    line = Progress(tally).line()
    for part in ("flickr: names 20/40", "windows 30 open", "photos 1600 found", "800 settled", "7 gone", "3 failed"):
        assert part in line
    assert "12 refused" in line
    assert "calls/s" in line and "images/s" in line and "left" in line


def test_rates_are_those_of_the_last_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("crawler.tally.time.monotonic", lambda: now[0])
    tally = Tally("flickr", started=1000.0)
    progress = Progress(tally)
    for second in range(1, 101):  # fast for a while, then one image a second
        now[0] = 1000.0 + second
        tally.images["done"] += 50 if second <= 50 else 1
        line = progress.line()
    assert ", 1 images/s" in line


def test_the_numbers_are_flat_for_scrapys_stats() -> None:
    tally = _tally()
    tally.refused["licence"] = 5
    stats = tally.stats()
    assert stats["agegap/photos_new"] == 1000
    assert stats["agegap/photos_refused/licence"] == 5
    assert all(isinstance(value, int | float) for value in stats.values())
