"""The first page: what there is in figures and plots, training runs, example pairs, some people."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection

from agegap.html import Html, element, join
from curation.report import runs
from curation.report.context import Context
from curation.report.folder import INDEX
from curation.report.html import Section, contents, section
from curation.report.likeness import QUANTILES, Likeness
from curation.report.pages import MENU, Page
from curation.report.pair_cards import pair_cards
from curation.report.pair_source import PairSource
from curation.report.people import People, rows_of, spread
from curation.report.plots import bands, bars, by_number, by_range
from db.gallery import faces_by_subject, faces_by_year, photos_by_year
from db.identities import kept_by_gap
from db.statistics import Statistics

FACES_PER_SUBJECT = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200)
"""Edges of the histogram: the tail is long, in LFW's names it reaches 530."""
GAP_EDGES = (0, 5, 10, 15, 20, 30, 40, 200)
"""Edges of the years between two photos in the plot of what `curate verify` keeps."""
_PEOPLE = 6

_SAYS = {
    "people.html": "faces by year, and where each year comes from",
    "pairs.html": "two photos of one person, by the years between",
    "left-out.html": "what was dropped, by reason",
    "worst.html": "where a mistake is likeliest",
    "duplicates.html": "the same picture more than once",
    "proposals.html": "two people of one name, two names of one person",
    "audit.html": "labels that cannot be right",
}


def write_overview(
    context: Context,
    statistics: Statistics,
    people: People,
    source: PairSource,
    likeness: Likeness | None,
    stages: Mapping[Path, list[runs.Stage]],
) -> None:
    """Write the first page."""
    of_runs = [
        runs.run_section(run, of_run, out=context.folder, number=number)
        for number, (run, of_run) in enumerate(stages.items(), start=1)
    ]
    sections = [
        _head(statistics, [stage for of_run in stages.values() for stage in of_run]),
        _plots(context.connection, source, likeness),
        *of_runs,
        _pairs(context, source),
        _people(people),
    ]
    body = join([contents(sections), *(part.html for part in sections)])
    context.write(Page(INDEX, MENU[INDEX], body))


def _head(statistics: Statistics, stages: Sequence[runs.Stage]) -> Section:
    figures = {
        "people": statistics.subjects,
        "photos": statistics.photos,
        "photos with a year": statistics.photos_dated,
        "faces kept": statistics.faces_kept,
        "faces dropped": statistics.faces_dropped,
        "photos without a face": sum(statistics.photos_dropped_by_reason.values()),
        "pairs": sum(counts.total for counts in statistics.pair_sets),
    }
    tiles = [runs.tile(label, f"{value:,}") for label, value in figures.items()]
    for stage in stages:
        mae = stage.evaluation.get("mae")
        if isinstance(mae, int | float):
            tiles.append(runs.tile(f"MAE after {stage.name}, years", f"{mae:.2f}"))
    reasons = {
        "photos without a year, by reason": statistics.undated_by_reason,
        "years, by source": statistics.dated_by_source,
        "photos, by site": statistics.photos_by_site,
        "photos, by state": statistics.photos_by_state,
    }
    lists = [
        element(
            "div",
            element("h3", title),
            element("dl", [join([element("dt", name), element("dd", f"{count:,}")]) for name, count in counts.items()]),
        )
        for title, counts in reasons.items()
        if counts
    ]
    ways = [
        element("a", element("b", MENU[address]), element("span", says), href=address)
        for address, says in _SAYS.items()
    ]
    return section(
        "What there is",
        element("div", tiles, class_="tiles"),
        element("div", ways, class_="ways"),
        element("div", lists, class_="lists"),
    )


def _plots(connection: Connection, source: PairSource, likeness: Likeness | None) -> Section:
    plots = [
        bars("Photos by year taken", by_number(photos_by_year(connection)), what="photos"),
        bars("Kept faces by year taken", by_number(faces_by_year(connection)), what="faces"),
        bars(
            "People by number of kept faces",
            by_range(faces_by_subject(connection), FACES_PER_SUBJECT),
            what="people",
            is_log=True,
        ),
        bars("Pairs by K, years between", by_number(source.by_gap), what="pairs"),
    ]
    if likeness is not None:
        title = f"Cosine of two photos of one person by K: middle, and where {QUANTILES[0]:.0%} to {QUANTILES[-1]:.0%}"
        plots.append(bands(f"{title} lie ({likeness.embedder}, {likeness.pairs:,} pairs)", likeness.quantiles))
    kept = {
        f"{low}-{high - 1}" if high < GAP_EDGES[-1] else f"{low}+": round(100 * kept / pairs, 1)
        for low, high, (pairs, kept) in zip(
            GAP_EDGES, GAP_EDGES[1:], kept_by_gap(connection, edges=GAP_EDGES), strict=False
        )
        if pairs
    }
    if kept:
        plots.append(bars("Pairs without an impostor, by the years between", kept, what="%", top=100))
    return section("Counts", element("div", plots, class_="plots"))


def _pairs(context: Context, source: PairSource) -> Section:
    if source.pair_set is None:
        return section("Pairs", note="There are no pairs yet: `curate build-pairs` makes them.")
    gaps = spread(sorted(source.by_gap), context.settings.pair_examples)
    seen: set[int] = set()
    pairs = []
    for gap in gaps:
        some = source.some(context.connection, gap, limit=8)
        if some:
            pair = next((pair for pair in some if pair.subject_id not in seen), some[0])
            seen.add(pair.subject_id)
            pairs.append(pair)
    cards = pair_cards(context, "examples", pairs)
    note = (
        f"Two photos of one person, K years between: {len(cards)} of the {source.pair_set.found:,} pairs of "
        f"'{source.pair_set.name}'."
    )
    return section("Pairs", element("div", cards, class_="pairs"), element("p", _more("pairs.html")), note=note)


def _people(people: People) -> Section:
    if not people.subjects:
        return section("People by year", note="No kept face has a subject yet.")
    some = people.subjects[:_PEOPLE]
    return section("People by year", rows_of(people, some), element("p", _more("people.html")))


def _more(address: str) -> Html:
    return element("a", f"{MENU[address]}: {_SAYS[address]}", href=address)
