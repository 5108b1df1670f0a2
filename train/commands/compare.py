"""`train compare`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder


@click.command()
@click.argument("runs", type=folder, nargs=-1, required=True, metavar="RUN RUN...")
@click.option("--html", type=folder, metavar="FILE", help="Write the comparison as a page too.")
@json_option
def compare(runs: tuple[Path, ...], html: Path | None, as_json: bool) -> None:
    """Put evaluated runs side by side, each against the first, over the faces all were measured on.

    Differences come with a 95 % interval and a p-value from resampling whole people.
    """
    import sys

    from train.evaluation.compare import compare as side_by_side
    from train.evaluation.compare import table_of, write_comparison

    found = side_by_side(runs)
    for words in found.warnings:
        sys.stderr.write(f"train: {words}\n")
    if html:
        write_comparison(html, found)
    if as_json:
        show(found.shown(), as_json=True)
    else:
        click.echo(table_of(found))
