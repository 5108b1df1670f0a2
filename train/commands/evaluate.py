"""`train evaluate`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder


@click.command()
@click.argument("run", type=folder)
@click.option("--test", type=folder, required=True, metavar="DIR", help="Dataset folder whose faces have an age.")
@click.option(
    "--split",
    type=click.Choice(["test", "val", "train", "all"]),
    default="test",
    show_default=True,
    help="Which of its faces.",
)
@json_option
def evaluate(run: Path, test: Path, split: str, as_json: bool) -> None:
    """Measure errors, intervals and age groups on unseen faces; RUN is a run folder or a checkpoint.

    Writes evaluation.json, predictions.parquet, report.html, MODEL_CARD.md and two plots into the run.
    """
    from train.evaluation.evaluate import evaluate as measure
    from train.report.summary import summary

    content = measure(run, test, split=split)
    shown = content if as_json else summary(content)
    show(shown, as_json=as_json, title=f"{run} on {test}, split {split}")
