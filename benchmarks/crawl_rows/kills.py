"""`kill -9` at random moments of one crawl of 6,000 photos in 600 answers, images included: what is lost, what twice.

    python -m benchmarks.crawl_rows.kills --out DIR [--kills 200] [--seed N]

The seed is printed: the same one draws the same moments, though no two runs of processes are alike. At the end the
catalog is read by plain SQL, every file is hashed, and both are compared with what the site has by its arithmetic.
"""

from collections import Counter
from collections.abc import Iterable

from benchmarks.big_site import BigSite, big_site
from benchmarks.crawl_rows.crawling import Place, fresh_place
from benchmarks.crawl_rows.figures import Bench, Figure, none_of, run_alone
from benchmarks.crawl_rows.kept import Files, Kept, read_files, read_kept
from benchmarks.crawl_rows.killing import Killed, Killing, KillPlan
from benchmarks.crawl_rows.site_truth import Truth, truth_of

SITE = (25, 25, 302)
"""25 names with 302 photos each, of which about 6,000 are not reserved."""

QUICK_SITE, QUICK_KILLS = (10, 10, 150), 20
PER_PAGE = 10
"""So that the crawl is 600 answers: with few, a lost one might not show (Scrapy's JOBDIR loses none of 60)."""

AT_ONCE = 4
_FAULTS = ("--fault", "image_slow=0.2", "--fault", "image_slow_s=0.05")
"""Some bodies come in twenty pieces: more kills then meet a file that is half there."""


def measure(bench: Bench) -> list[Figure]:
    """Kill the one worker of a crawl into SQLite again and again."""
    return measure_kills(bench, fresh_place(bench.folder("kills")), workers=1)


def measure_kills(bench: Bench, place: Place, *, workers: int) -> list[Figure]:
    """Kill workers of a crawl at `place`, and compare what is there at the end with the site."""
    names, large, each = QUICK_SITE if bench.quick else SITE
    truth = truth_of(names, large, each)
    place.write_names(truth.site.names)
    plan = KillPlan(
        kills=min(bench.kills, QUICK_KILLS) if bench.quick else bench.kills,
        workers=workers,
        seed=bench.seed,
        photos=len(truth.allowed_ids()),
        calls=truth.least_calls(PER_PAGE),
        arguments=(f"per_page={PER_PAGE}", f"image_concurrency={AT_ONCE}"),
    )
    with big_site(names, large, each, *_FAULTS, log=place.folder / "site.log") as site:
        killed = Killing(plan, place, site).run()
        served = _served(site)
    kept, files = read_kept(place.catalog_url), read_files(place.data)
    return [
        *_course(plan, killed),
        *what_is_left(truth, kept, files),
        none_of("photos without a reason (`scrapy coverage`: missing)", place.coverage()["missing"]),
        none_of("files of photos that the site never sent whole", len(files.whole.keys() - served.keys())),
        Figure(
            "images fetched again, because their rows were not settled yet",
            served.total() - len(served),
            note=f"{served.total() - len(served):,} of {served.total():,}; most often {max(served.values())} times",
        ),
    ]


def what_is_left(truth: Truth, kept: Kept, files: Files) -> list[Figure]:
    """Compare rows and files with the truth: 0 everywhere in a crawl that nobody would know was killed."""
    ids, pairs = truth.allowed_ids(), set(truth.allowed_pairs())
    rows = [photo.site_id for photo in kept.photos]
    done = {photo.site_id for photo in kept.photos if photo.state == "done"}
    return [
        none_of("lost: photos of the site that are not `done` in the catalog", len(ids - done)),
        none_of("lost: photos without their file", len(ids - files.whole.keys())),
        none_of("lost: links of a photo to a name", len(pairs - set(kept.pairs)) + len(pairs - set(kept.subjects))),
        none_of("twice: photo rows", again(rows)),
        none_of("twice: files of one photo", sum(files.whole.values()) - len(files.whole)),
        none_of("twice: links", again(kept.pairs) + again(kept.subjects)),
        none_of("twice: results counted, against those there are", kept.photos_seen - len(pairs)),
        none_of("rows or files of nothing that the site may give", len((set(rows) | files.whole.keys()) - ids)),
        none_of("partial: files with other bytes than the site's", len(files.wrong), note=", ".join(files.wrong[:3])),
        none_of("partial: temporary files left", files.parts),
        none_of("sha256 in the catalog that is not the file's", _wrong_sha256(kept)),
        none_of("leases left", kept.leases),
        none_of("windows that are not done, workers that did not end", kept.windows_open + kept.workers_open),
    ]


def again(values: Iterable[object]) -> int:
    """Return how many values are repetitions of another."""
    counts = Counter(values)
    return counts.total() - len(counts)


def _course(plan: KillPlan, killed: Killed) -> list[Figure]:
    first, last = (100 * killed.shares[0], 100 * killed.shares[-1]) if killed.shares else (0.0, 0.0)
    return [
        Figure("photos, in as many answers", f"{plan.photos:,} / {plan.calls:,}"),
        Figure(
            "kills after a first request", killed.late, f"{plan.kills}", killed.late == plan.kills, f"seed {plan.seed}"
        ),
        Figure("  and before one, while a process entered the crawl", killed.early),
        Figure("  while images were still to be fetched", sum(share < 1 for share in killed.shares)),
        Figure("  share of the images fetched at the first and the last, %", f"{first:.0f} / {last:.0f}"),
        Figure("  seconds, to the end of the crawl", killed.seconds),
    ]


def _served(site: BigSite) -> Counter[str]:
    return Counter(site.control("stats?served=1")["served"])


def _wrong_sha256(kept: Kept) -> int:
    from crawler.photosite.big import expected_sha256

    return sum(photo.state == "done" and photo.sha256 != expected_sha256(photo.site_id) for photo in kept.photos)


if __name__ == "__main__":
    run_alone("kills", measure, __doc__)
