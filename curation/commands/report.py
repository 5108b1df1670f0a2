"""`curate report`."""

from pathlib import Path

import click

from agegap.cli import json_option, show


@click.command("report")
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="Folder of the page; a new one or a report."
)
@click.option(
    "--run", "runs", multiple=True, type=click.Path(path_type=Path), help="A run folder of `train`; may be given again."
)
@json_option
def report(*, out: Path, runs: tuple[Path, ...], as_json: bool) -> None:
    """Write an HTML page with faces by year, drops by reason, pairs, plots and training runs.

    OUT/index.html opens in any browser without a server; everything it shows lies beside it. How much it shows is set
    in [curate.report] of agegap.toml.
    """
    from agegap.environment import data_folder
    from agegap.settings import load_settings
    from curation.report import write_report
    from curation.report_settings import ReportSettings
    from db.session import open_catalog

    settings = load_settings("curate.report", ReportSettings)
    result = write_report(open_catalog(), out, data=data_folder(), runs=runs, settings=settings)
    show(result, as_json=as_json, title="report")
