"""`curate report` behind its flags: one page after another, below one folder that takes the older one's place."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.files import write_json
from agegap.folders import check_replaceable, replaced_folder
from curation.report.audit import write_audit
from curation.report.context import Context
from curation.report.duplicates import write_duplicates
from curation.report.faces import FaceWriter
from curation.report.folder import FIGURES, INDEX, is_report
from curation.report.left_out import write_left_out
from curation.report.likeness import measure_likeness
from curation.report.overview import write_overview
from curation.report.pages import STYLE, asset
from curation.report.pair_source import open_pairs
from curation.report.pairs import write_pairs
from curation.report.people import write_lists, write_people
from curation.report.proposals import write_proposals
from curation.report.runs import stages_of
from curation.report.settings import ReportSettings
from curation.report.sheets import Sheets
from curation.report.worst import write_worst
from db.gallery import count_shown_subjects, licence_names
from db.statistics import count_all


def write_report(
    engine: Engine,
    out: Path,
    *,
    data: Path,
    runs: Sequence[Path] = (),
    settings: ReportSettings,
    workers: int | None = None,
) -> dict[str, Any]:
    """Write the report folder `out` from the catalog, the pictures below `data` and the run folders; return figures.

    An older report at `out` is replaced when the new one is complete; pages of people of whom nothing changed are
    taken from it. `workers` processes draw (None: one a core). Raises BadInputFile when `out` holds something else or
    a run folder does not exist.
    """
    check_replaceable(out, is_ours=is_report)
    stages = {run: stages_of(run) for run in runs}
    older = out.absolute() if is_report(out) else None
    with engine.connect() as connection, replaced_folder(out, is_ours=is_report) as part:
        (part / STYLE).write_text(asset(STYLE), encoding="utf-8")
        statistics = count_all(connection)
        licences = licence_names(connection)
        people = write_people(
            connection, part, data=data, older=older, licences=licences, settings=settings, workers=workers
        )
        write_lists(part, people, total=count_shown_subjects(connection), settings=settings)
        sheets = Sheets(part, jpeg_quality=settings.jpeg_quality)
        writer = FaceWriter(licences, has_page=people.ids)
        context = Context(connection, part, data, sheets, writer, settings)
        source = open_pairs(connection, settings.pairs, data=data)
        likeness = measure_likeness(connection, source, settings)
        write_overview(context, statistics, people, source, likeness, stages)
        write_pairs(context, source)
        write_left_out(context, statistics)
        write_worst(context, likeness)
        write_duplicates(context)
        write_proposals(context)
        write_audit(context)
        result = {
            "page": str(out / INDEX),
            "photos": statistics.photos,
            "photos_dated": statistics.photos_dated,
            "faces_kept": statistics.faces_kept,
            "pairs": {counts.name: counts.total for counts in statistics.pair_sets},
            "people": len(people.subjects),
            "pictures": people.drawn + sheets.drawn,
            "pictures_unreadable": len(people.unreadable | sheets.unreadable),
            "runs": len(stages),
        }
        # Without what was taken from the older report: the same catalog gives the same bytes.
        write_json(part / FIGURES, {"format": "agegap-report", **result})
    return {**result, "people_unchanged": people.reused}
