"""`curate report`: one HTML page with faces by year, drops, pairs, plots and runs; no server, no script."""

from collections.abc import Sequence
from pathlib import Path
from string import Template
from typing import Any

from sqlalchemy import Connection, Engine

import agegap
from agegap.files import write_json, write_text
from agegap.folders import check_replaceable, replaced_folder
from curation import report_people, report_runs
from curation.html import Html, Section, contents, element, join, section
from curation.plots import bars, by_number, by_range
from curation.report_pictures import ReportPictures
from curation.report_runs import Stage, run_section, stages_of
from curation.report_settings import ReportSettings
from db.gallery import faces_by_subject, pairs_by_gap, photos_by_year
from db.pairs import PairSetRow, find_pair_set, pair_set_names
from db.statistics import Statistics, count_all

ASSETS = Path(__file__).parent / "report_assets"
PAGE, FIGURES = "index.html", "report.json"
FACES_PER_SUBJECT = (1, 2, 3, 4, 5, 7, 10, 15, 20, 30, 50, 100, 200)
"""Edges of the histogram: the tail is long, in LFW's names it reaches 530."""


def write_report(
    engine: Engine, out: Path, *, data: Path, runs: Sequence[Path] = (), settings: ReportSettings
) -> dict[str, Any]:
    """Write the report folder `out` from the catalog, the pictures below `data` and the run folders; return figures.

    An older report at `out` is replaced when the new one is complete. Raises BadInputFile when `out` holds something
    else or a run folder does not exist.
    """
    check_replaceable(out, is_ours=is_report)
    stages = {run: stages_of(run) for run in runs}
    with engine.connect() as connection, replaced_folder(out, is_ours=is_report) as part:
        statistics = count_all(connection)
        pictures = ReportPictures(part, data=data, jpeg_quality=settings.jpeg_quality)
        body = _body(connection, statistics, stages, pictures, settings)
        result = {
            "page": str(out / PAGE),
            "photos": statistics.photos,
            "photos_dated": statistics.photos_dated,
            "faces_kept": statistics.faces_kept,
            "pairs": {counts.name: counts.total for counts in statistics.pair_sets},
            "pictures": pictures.count,
            "pictures_unreadable": pictures.unreadable,
            "runs": len(stages),
        }
        write_text(part / PAGE, _page(body))
        write_json(part / FIGURES, {"format": "agegap-report", **result})
    return result


def is_report(folder: Path) -> bool:
    """Say whether `folder` was written by this command."""
    return (folder / FIGURES).is_file() and (folder / PAGE).is_file()


def _body(
    connection: Connection,
    statistics: Statistics,
    stages: dict[Path, list[Stage]],
    pictures: ReportPictures,
    settings: ReportSettings,
) -> Html:
    pair_set = _pair_set(connection, settings.pairs)
    sections = [
        _head(statistics, [stage for of_run in stages.values() for stage in of_run]),
        _plots(connection, pair_set),
        *(
            run_section(run, of_run, out=pictures.folder, number=number)
            for number, (run, of_run) in enumerate(stages.items(), start=1)
        ),
        report_people.pairs(connection, pair_set, pictures, count=settings.pair_examples),
        report_people.timelines(connection, pictures, settings),
        report_people.drops(connection, statistics, pictures, per_reason=settings.drops_per_reason),
    ]
    return join([contents(sections), *(part.html for part in sections)])


def _head(statistics: Statistics, stages: list[Stage]) -> Section:
    figures = {
        "people": statistics.subjects,
        "photos": statistics.photos,
        "photos with a year": statistics.photos_dated,
        "faces kept": statistics.faces_kept,
        "faces dropped": statistics.faces_dropped,
        "photos without a face": sum(statistics.photos_dropped_by_reason.values()),
        "pairs": sum(counts.total for counts in statistics.pair_sets),
    }
    tiles = [report_runs.tile(label, f"{value:,}") for label, value in figures.items()]
    for stage in stages:
        mae = stage.evaluation.get("mae")
        if isinstance(mae, int | float):
            tiles.append(report_runs.tile(f"MAE after {stage.name}, years", f"{mae:.2f}"))
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
    return section("What there is", element("div", tiles, class_="tiles"), element("div", lists, class_="lists"))


def _plots(connection: Connection, pair_set: PairSetRow | None) -> Section:
    gaps = pairs_by_gap(connection, pair_set.id) if pair_set else {}
    plots = [
        bars("Photos by year taken", by_number(photos_by_year(connection)), what="photos"),
        bars(
            "People by number of kept faces", by_range(faces_by_subject(connection), FACES_PER_SUBJECT), what="people"
        ),
        bars("Pairs by K, years between", by_number(gaps), what="pairs"),
    ]
    return section("Counts", element("div", plots, class_="plots"))


def _pair_set(connection: Connection, name: str) -> PairSetRow | None:
    names = pair_set_names(connection)
    return find_pair_set(connection, name if name in names else names[0]) if names else None


def _page(body: Html) -> str:
    page = Template((ASSETS / "page.html").read_text(encoding="utf-8"))
    style = (ASSETS / "style.css").read_text(encoding="utf-8")
    return page.substitute(style=style, body=body, version=agegap.__version__)
