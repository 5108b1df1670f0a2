"""`curate report`."""

from pathlib import Path

import click

from agegap.cli import json_option, show


@click.command("report")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder of the pages; a new one or a report."
)
@click.option(
    "--run", "runs", multiple=True, type=click.Path(path_type=Path), help="A run folder of `train`; may be given again."
)
@click.option(
    "--workers", type=click.IntRange(min=0), help="Processes that draw; 0 draws in this one. [default: one a core]"
)
@json_option
def report(*, out: Path, runs: tuple[Path, ...], workers: int | None, as_json: bool) -> None:
    """Write HTML pages: people by year, pairs, what was left out, doubtful faces, duplicates, audit, training runs.

    OUT/index.html opens in any browser without a server; everything it shows lies beside it. Run again, it draws
    only the people of whom something changed. How much it shows is set in [curate.report] of agegap.toml.
    """
    from agegap.environment import data_folder
    from agegap.settings import load_settings
    from curation.report import write_report
    from curation.report.settings import ReportSettings
    from db.session import open_catalog

    settings = load_settings("curate.report", ReportSettings)
    result = write_report(open_catalog(), out, data=data_folder(), runs=runs, settings=settings, workers=workers)
    show(result, as_json=as_json, title="report")
