"""What the rows of the crawl benchmark judge by: the site's truth, the catalog as it is, the line through memory."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine

from benchmarks.big_site import BigSite, big_site
from benchmarks.crawl_rows import budget_hours, memory
from benchmarks.crawl_rows.budget_hours import most_in_a_window
from benchmarks.crawl_rows.crawling import Place, fresh_place
from benchmarks.crawl_rows.figures import Bench, Figure
from benchmarks.crawl_rows.kept import ids_in, read_files, read_kept
from benchmarks.crawl_rows.killing import Killing, KillPlan
from benchmarks.crawl_rows.kills import again, what_is_left
from benchmarks.crawl_rows.memory import Sample, slope
from benchmarks.crawl_rows.site_truth import truth_of
from crawler.photosite.big import expected_bytes
from db.session import open_catalog

PLAN = (3, 2, 30)


@pytest.fixture
def site() -> Iterator[BigSite]:
    with big_site(*PLAN) as running:
        yield running


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = fresh_place(tmp_path / "place")
    made.write_names(truth_of(*PLAN).site.names)
    return made


def _missed(figures: list[Figure]) -> set[str]:
    return {figure.what.split(":")[0] for figure in figures if figure.is_met is False}


def test_the_truth_is_the_one_the_site_tells(site: BigSite) -> None:
    truth = truth_of(*PLAN)
    assert len(truth.allowed_ids()) == site.truth["photos_open"]
    assert len(list(truth.allowed_pairs())) == site.truth["found_open"]
    assert truth.least_calls(500) == site.truth["least_calls_open"]
    assert truth.least_calls(10) > truth.least_calls(500)


@pytest.mark.slow
def test_a_killed_crawl_is_judged_complete_and_every_damage_to_it_is_seen(site: BigSite, place: Place) -> None:
    truth = truth_of(*PLAN)
    arguments = ("per_page=5", "image_concurrency=2")
    plan = KillPlan(2, 1, seed=3, photos=len(truth.allowed_ids()), calls=truth.least_calls(5), arguments=arguments)
    killed = Killing(plan, place, site).run()
    assert killed.late == 2
    assert len(killed.shares) == 2

    def judged() -> list[Figure]:
        return what_is_left(truth, read_kept(place.catalog_url), read_files(place.data))

    assert _missed(judged()) == set()
    assert set(ids_in(place.catalog_url)) == truth.allowed_ids()
    files = sorted((place.data / "photos").rglob("*.jpg"))
    content = files[0].read_bytes()

    files[0].write_bytes(content[:-9])
    assert _missed(judged()) == {"lost", "partial"}
    files[0].write_bytes(content)
    twin = files[0].parent.parent / "elsewhere" / files[0].name
    twin.parent.mkdir()
    twin.write_bytes(content)
    assert _missed(judged()) == {"twice"}
    twin.rename(twin.with_name(".left.part"))
    assert _missed(judged()) == {"partial"}
    twin.with_name(".left.part").unlink()

    engine = open_catalog(place.catalog_url)
    for damage, seen in (
        ("update photo set leased_by = (select min(id) from crawl_worker) where id = 1", {"leases left"}),
        (
            "update photo set leased_by = null, sha256 = 'x' where id = 1",
            {"sha256 in the catalog that is not the file's"},
        ),
        ("update query set photos_seen = photos_seen + 1 where id = 1", {"twice"}),
        ("delete from photo where id = 1", {"lost"}),
    ):
        before = _missed(judged())
        with engine.begin() as connection:
            connection.exec_driver_sql(damage)
        assert seen <= _missed(judged()) - before | (before & seen), damage
    engine.dispose()


def test_a_crawl_gets_a_key_of_its_own_and_nothing_of_the_users(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLICKR_API_KEY", "the-users-own")
    monkeypatch.setenv("AGEGAP_CRAWL_PER_PAGE", "1")
    environment = place.environment("of the benchmark")
    assert environment["FLICKR_API_KEY"] == "of the benchmark"
    assert "AGEGAP_CRAWL_PER_PAGE" not in environment


def test_files_are_judged_by_their_bytes_not_by_their_names(tmp_path: Path) -> None:
    photos = tmp_path / "photos" / "A"
    photos.mkdir(parents=True)
    (photos / "40000000001.jpg").write_bytes(expected_bytes("40000000001"))
    (photos / "40000000002.jpg").write_bytes(expected_bytes("40000000001"))
    (photos / "note.txt").write_bytes(b"")
    (photos / ".40000000003.jpg.1-ab.part").write_bytes(b"half")
    files = read_files(tmp_path)
    assert files.whole == {"40000000001": 1}
    assert sorted(files.wrong) == ["40000000002.jpg", "note.txt"]
    assert files.parts == 1


def test_repetitions_are_counted_beyond_the_first() -> None:
    assert again(["a", "b", "a", "a", "c", "c"]) == 3


def test_the_slope_is_that_of_the_last_four_fifths() -> None:
    """Caches fill until photo 2,000; from there on each photo costs 50 bytes."""
    samples = [Sample(photos, 10_000_000 + 50 * photos) for photos in range(2_000, 10_001, 100)]
    warming = [Sample(photos, 1_000 * photos) for photos in range(0, 2_000, 100)]
    found = slope([*warming, *samples])
    assert found == pytest.approx(50)
    assert slope(warming[:2]) is None


def test_the_largest_window_is_found_wherever_it_lies() -> None:
    assert most_in_a_window([0, 5, 9, 10, 10.5, 14.9, 30], 10) == 5
    assert most_in_a_window([0, 10], 10) == 1
    assert most_in_a_window([3, 3, 3], 10) == 3


def test_simulated_hours_stay_within_the_budget_and_use_nearly_all_of_it(
    sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_hours, "PER_HOUR", 60)
    hours = budget_hours.simulate(sqlite_catalog, seed=1, interval_s=60.0)
    assert 55 <= hours.largest <= 60
    assert 97 <= hours.used_percent <= 100


def test_simulated_hours_without_a_budget_are_seen_to_break_it(
    sqlite_catalog: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(budget_hours, "reserve_call", lambda *_, now, **__: now)
    monkeypatch.setattr(budget_hours, "HOURS", 0.3)
    assert budget_hours.simulate(sqlite_catalog, seed=1, interval_s=0.0).largest > budget_hours.PER_HOUR


def test_the_memory_row_is_not_crawled_again_for_resume(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    crawled: list[Bench] = []
    monkeypatch.setattr(memory, "measure", crawled.append)
    bench = Bench(tmp_path, quick=True)
    full = bench.folder("memory") / "full.json"
    memory.full_place(bench)
    full.write_text(json.dumps({"plan": memory.SITE}))
    memory.full_place(bench)  # of another size
    assert len(crawled) == 2
    full.write_text(json.dumps({"plan": memory.QUICK_SITE}))
    memory.full_place(bench)
    assert len(crawled) == 2
