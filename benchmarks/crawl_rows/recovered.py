"""How many of the photos a site may give are in the catalog at the end, and how many calls that took.

The site has the cap of 4,000 results a search on. Its own arithmetic says what there is; the ids are compared as sets.
gallery-dl asks the same site for one large name, as its users do.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from benchmarks.big_site import BigSite, big_site
from benchmarks.crawl_rows.crawling import fresh_place
from benchmarks.crawl_rows.figures import Bench, Figure, at_least, at_most, none_of, run_alone
from benchmarks.crawl_rows.kept import ids_in
from benchmarks.crawl_rows.site_truth import truth_of

SITE, QUICK_SITE = (2_000, 30, 20_000), (100, 2, 20_000)
MOST_CALLS = 1.10
"""Times the least possible."""

_PEER = Path(__file__).with_name("gallery_dl_ids.py")


def measure(bench: Bench) -> list[Figure]:
    """Crawl texts and dates of a whole site; return what was found of it."""
    plan = QUICK_SITE if bench.quick else SITE
    place = fresh_place(bench.folder("recovered"))
    with big_site(*plan) as site:
        place.write_names(name["name"] for name in site.truth["names"])
        tally = place.start(site.api, "images=false").wait()
        stats = site.control("stats")
        peer = _peer_ids(site, site.truth["names"][0]["name"])
    truth = truth_of(*plan)
    allowed, found = truth.allowed_ids(), ids_in(place.catalog_url)
    return [
        Figure("names, some with 20,000 photos", len(truth.site.names)),
        Figure("photos at the site", truth.site.photo_count),
        Figure("photos that may be stored", len(allowed)),
        at_least("share of them in the catalog, %", 100 * len(allowed & set(found)) / len(allowed), 100),
        none_of("photos in the catalog that may not be, or are no photos of the site", len(set(found) - allowed)),
        none_of("photos that are two rows", len(found) - len(set(found))),
        none_of("photos without a reason (`scrapy coverage`: missing)", place.coverage()["missing"]),
        *_calls(stats, site),
        Figure("seconds", tally["this_run"]["seconds"]),
        _peer_figure(peer, site.truth["names"][0]),
    ]


def _calls(stats: dict[str, Any], site: BigSite) -> list[Figure]:
    calls, searches = stats["calls"], stats["calls_by_method"]["flickr.photos.search"]
    least, least_open = site.truth["least_calls"], site.truth["least_calls_open"]
    return [
        Figure("calls the site saw", calls, note=f"{searches} of them searches"),
        at_most("  times the least for all photos that the names find", calls / least, MOST_CALLS, note=f"{least}"),
        # The licence of a photo is not known before it is seen, so no client can ask for allowed photos alone at once
        # and still know what the site has.
        at_most("  times the least for the allowed photos alone", calls / least_open, MOST_CALLS, note=f"{least_open}"),
    ]


def _peer_ids(site: BigSite, name: str) -> list[str] | None:
    """Return the ids gallery-dl finds for a name, None where it is not installed."""
    command = [sys.executable, str(_PEER), site.api, name.replace("_", " ")]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, check=False)
    return [json.loads(line) for line in done.stdout.splitlines()] if done.returncode == 0 else None


def _peer_figure(peer: list[str] | None, name: dict[str, Any]) -> Figure:
    what = f"gallery-dl: share found of one name with {name['found']:,} photos, %"
    if peer is None:
        return Figure(what, None, note="gallery-dl is not installed (the dev extra brings it)")
    share = 100 * len(set(peer)) / name["found"]
    return Figure(what, share, note=f"{len(peer):,} results, {len(set(peer)):,} photos")


if __name__ == "__main__":
    run_alone("recovered", measure, __doc__)
