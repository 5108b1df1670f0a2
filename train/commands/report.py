"""`train report`."""

from pathlib import Path

import click

from train.commands.options import folder


@click.command()
@click.argument("run", type=folder)
@click.option(
    "--faces",
    type=folder,
    metavar="DIR",
    help="Show the faces judged best and worst; DIR is the dataset folder that was measured on.",
)
def report(run: Path, faces: Path | None) -> None:
    """Write RUN/report.html anew from what `train evaluate` measured; RUN is a run folder.

    One page without other files. It shows no face unless --faces says so.
    """
    from train.report.page import write_report

    click.echo(write_report(run, faces_of=faces))
