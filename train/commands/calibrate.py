"""`train calibrate`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder, labelled_option


@click.command()
@click.argument("run", type=folder)
@labelled_option
@click.option("--pairs", type=folder, metavar="DIR", help="Dataset folder with held-out pairs of the photos to come.")
@click.option(
    "--split",
    type=click.Choice(["val", "train", "test", "all"]),
    default="val",
    show_default=True,
    help="Which labelled faces; no face the net learned from.",
)
@json_option
def calibrate(run: Path, labelled: tuple[Path, ...], pairs: Path | None, split: str, as_json: bool) -> None:
    """Measure the 90 % intervals of RUN anew and keep the factor in its checkpoint.

    On labelled faces alone, or, with --pairs, for photos of the kind of those pairs: their split 'val' is read, no age
    of theirs. The weights stay as they are.
    """
    from agegap.errors import WrongUse
    from train.evaluation.calibrating import calibrate as measure

    if not labelled:
        raise WrongUse("calibrate needs labelled faces: name their dataset folder with --labelled")
    show(measure(run, labelled, pairs=pairs, split=split), as_json=as_json, title=f"intervals of {run}")
