"""`train soup`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder, labelled_option


@click.command()
@click.argument("runs", type=folder, nargs=-1, required=True, metavar="RUN RUN...")
@labelled_option
@click.option("--pairs", type=folder, metavar="DIR", help="Dataset folder with held-out pairs of the photos to come.")
@click.option(
    "--share",
    "shares",
    type=float,
    multiple=True,
    metavar="X",
    help="How much a RUN counts, once for each in their order: --share 3 --share 1. Without it all count the same.",
)
@click.option(
    "--choose-within",
    type=click.FloatRange(min=0),
    metavar="YEARS",
    help="Choose how much the first RUN counts on the held-out pairs of --pairs, by how well ages differ by K, and lose"
    " at most YEARS to it on the labelled faces.",
)
@click.option("--out", type=folder, required=True, metavar="SOUP", help="Run folder to write.")
@json_option
def soup(
    runs: tuple[Path, ...],
    labelled: tuple[Path, ...],
    pairs: Path | None,
    shares: tuple[float, ...],
    choose_within: float | None,
    out: Path,
    as_json: bool,
) -> None:
    """Make one net of several fine-tunings of the same net: the mean of their weights.

    It answers about as their ensemble does, in the time of one, and is a run like any other. The 90 % interval comes
    from the split 'val' of --labelled and, for photos of another kind, of --pairs; no age of those is read.
    """
    from train.stages.soup import soup as mean

    result = mean(runs, out, labelled=labelled, pairs=pairs, shares=shares, choose_within=choose_within)
    title = f"soup of {len(runs)} runs{', was finished before' if result.was_finished else ''}"
    show(result.shown(), as_json=as_json, title=title)
