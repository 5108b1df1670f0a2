"""A crawl of many photos: memory stays where it was, known photos are left alone, failed ones come back when asked."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from db.models import Photo, Query, SearchWindow
from db.session import open_catalog
from tests.crawler.crawling import ROOT, Workplace, ended
from tests.crawler.fake_site import KEY, FakeSite, SitePhoto, drawn_image, fail

NAMES = ["Marta Quillon", "Tom van Berg"]


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A workplace on SQLite, with two names."""
    place = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    place.write_names(*NAMES)
    return place


def _most_memory(workplace: Workplace, api: str) -> tuple[int, dict[str, dict[str, int]]]:
    """Return the largest resident size (KiB) of a metadata crawl, and its tally."""
    command = ["crawl", "flickr_names", "-a", f"names={workplace.names}", "-a", f"api={api}", "-a", "images=false"]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("AGEGAP_")}
    environment |= {"AGEGAP_CATALOG": workplace.catalog_url, "AGEGAP_DATA": str(workplace.data), "FLICKR_API_KEY": KEY}
    script = (
        "import resource, subprocess, sys; "
        "code = subprocess.call([sys.executable, '-m', 'scrapy', *sys.argv[1:]]); "
        "sys.stderr.write('KIB %d\\n' % resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss); sys.exit(code)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, *command, "--json"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found = re.search(r"KIB (\d+)", run.stderr)
    assert found is not None
    return int(found[1]), json.loads(run.stdout)


@pytest.mark.slow
def test_memory_does_not_grow_with_the_photos_that_are_found(tmp_path: Path) -> None:
    """Twenty times as many photos; with each row kept at 581 bytes (Scrapy's media cache) it would be 11 MB more."""
    sizes = []
    for count in (1_000, 20_000):
        folder = tmp_path / str(count)
        folder.mkdir()
        workplace = Workplace(folder, f"sqlite:///{folder / 'catalog.db'}")
        workplace.write_names(*NAMES)
        photos = [SitePhoto(str(1_000_000 + number), (NAMES[number % 2],), b"") for number in range(count)]
        with FakeSite(photos) as site:
            size, tally = _most_memory(workplace, site.api)
        assert tally["photos"]["pending"] == count
        sizes.append(size)
    # Beyond one answer of 500 photos all is steady; SQLite's page cache (64 MB at most) is what may fill up.
    assert sizes[1] - sizes[0] < 64 * 1024 + 8 * 1024
    assert sizes[1] < 300 * 1024


def test_a_second_crawl_of_the_same_list_asks_nothing_and_a_refresh_asks_all_again(workplace: Workplace) -> None:
    photos = [SitePhoto(str(1000 + number), (NAMES[number % 2],), drawn_image(number)) for number in range(6)]
    with FakeSite(photos) as site:
        assert ended(workplace.start_crawl(site.api)).returncode == 0
        asked = site.hits["search"]
        assert ended(workplace.start_crawl(site.api)).returncode == 0
        assert site.hits["search"] == asked
        changed = SitePhoto("1000", (NAMES[0],), drawn_image(0), record={"title": "another title", "license": "9"})
        added = SitePhoto("2000", (NAMES[1],), drawn_image(77))
        site.change([changed, added])
        refreshed = ended(workplace.start_crawl(site.api, "-a", "refresh=true", "--json"))
        images = {photo_id: site.hits[f"image {photo_id}"] for photo_id in site.photos}
    assert refreshed.returncode == 0, refreshed.stderr
    assert json.loads(refreshed.stdout)["this_run"]["photos_new"] == 1
    assert json.loads(refreshed.stdout)["this_run"]["photos_known"] == 6
    assert set(images.values()) == {1}
    catalog = open_catalog(workplace.catalog_url)
    with catalog.connect() as connection:
        row = connection.execute(select(Photo.__table__).where(Photo.site_id == "1000")).one()
        seen = connection.scalar(select(func.sum(Query.photos_seen)))
    catalog.dispose()
    assert (row.title, row.licence, row.state) == ("another title", "9", "done")
    assert seen == 7


def test_what_failed_too_often_is_tried_again_only_when_asked(workplace: Workplace) -> None:
    photos = [SitePhoto("1000", (NAMES[0],), drawn_image(1)), SitePhoto("1001", (NAMES[1],), drawn_image(2))]
    with FakeSite(photos) as site:
        assert ended(workplace.start_crawl(site.api)).returncode == 0
        catalog = open_catalog(workplace.catalog_url)
        with catalog.begin() as connection:
            connection.execute(update(Photo).where(Photo.site_id == "1000").values(state="failed", attempts=9))
            connection.execute(update(SearchWindow).where(SearchWindow.id == 2).values(state="failed", attempts=9))
            connection.execute(update(Query).where(Query.id == 2).values(state="failed"))
        asked = site.hits["search"]
        first = ended(workplace.start_crawl(site.api))
        assert (first.returncode, site.hits["search"], site.hits["image 1000"]) == (1, asked, 1)
        assert "1 windows failed" in first.stderr
        second = ended(workplace.start_crawl(site.api, "--retry-failed"))
        assert (second.returncode, site.hits["search"], site.hits["image 1000"]) == (0, asked + 1, 2), second.stderr
        catalog.dispose()


def test_the_certificate_says_what_became_of_every_photo(workplace: Workplace) -> None:
    photos = [
        *(SitePhoto(str(1000 + number), (NAMES[0],), drawn_image(number)) for number in range(4)),
        SitePhoto("1100", (NAMES[0],), drawn_image(9), record={"license": "0"}),
        SitePhoto("1101", (NAMES[0],), drawn_image(9), record={"license": "99"}),
        SitePhoto("1102", (NAMES[0],), drawn_image(9), record={"media": "video"}),
    ]
    with FakeSite(photos) as site:
        crawled = ended(workplace.start_crawl(site.api, "-a", "images=false", "--table"))
    assert crawled.returncode == 0, crawled.stderr
    shown = ended(workplace.start("coverage"))
    as_json = ended(workplace.start("coverage", "--json", "--site", "flickr"))
    assert (shown.returncode, as_json.returncode) == (0, 0), shown.stderr + as_json.stderr
    marta, tom, totals = map(json.loads, as_json.stdout.splitlines())
    refused = {"licence": 1, "not_a_photo": 1, "unknown_licence": 1}
    assert marta == {
        "site": "flickr", "name": "Marta_Quillon", "query": '"Marta Quillon"', "kind": "phrase", "state": "done",
        "site_total": 7, "catalogued": 4, "refused": refused, "filtered_out": 0, "unreachable": 0, "missing": 0,
        "note": None,
    }  # fmt: skip
    assert (tom["site_total"], tom["catalogued"]) == (0, 0)
    assert (totals["totals"], totals["site_total"], totals["catalogued"], totals["missing"]) == ("flickr", 7, 4, 0)
    assert re.search(r'^flickr\s+"Marta Quillon"\s+phrase\s+done\s+7\s+4\s+3\s+0\s+0\s+0', shown.stdout, re.MULTILINE)
    assert shown.stdout in crawled.stdout


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("coverage", "--site", "flikr"), "unknown site 'flikr'; did you mean 'flickr'?"),
        (("coverage", "more"), "coverage takes no 'more'"),
    ],
)
def test_coverage_tells_wrong_use_in_one_sentence(workplace: Workplace, arguments: tuple[str, ...], said: str) -> None:
    with FakeSite([]) as site:
        ended(workplace.start_crawl(site.api, "-a", "images=false"))
    result = ended(workplace.start(*arguments))
    assert result.returncode == 2
    assert said in result.stderr
    assert "Traceback" not in result.stderr


def test_a_window_the_site_wants_left_alone_waits_in_the_catalog_and_is_said(workplace: Workplace) -> None:
    with FakeSite([SitePhoto("1000", (NAMES[1],), drawn_image(1))], api_faults=[(429, 5000)]) as site:
        result = ended(workplace.start_crawl(site.api, "--json"))
    assert result.returncode == 1
    assert "wait because the site asked for it" in result.stderr
    assert json.loads(result.stdout)["windows"]["pending"] >= 1


def test_an_unknown_fault_of_one_search_lets_the_others_go_on(workplace: Workplace) -> None:
    with FakeSite([SitePhoto("1000", (NAMES[1],), drawn_image(1))], api_faults=[fail(1, "Too many tags")]) as site:
        result = ended(workplace.start_crawl(site.api, "--json"))
    assert result.returncode == 1
    assert json.loads(result.stdout)["photos"]["done"] == 1
