"""`train run`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder, labelled_option, minutes_option, out_option, set_option


@click.command()
@click.argument("preset")
@labelled_option
@click.option(
    "--pairs", type=folder, metavar="DIR", help="Dataset folder with pairs, for a preset that learns from them."
)
@click.option("--test", type=folder, required=True, metavar="DIR", help="Dataset folder to measure on.")
@out_option
@set_option
@minutes_option
@json_option
def run(
    preset: str,
    labelled: tuple[Path, ...],
    pairs: Path | None,
    test: Path,
    out: Path,
    sets: tuple[str, ...],
    minutes: float | None,
    as_json: bool,
) -> None:
    """Train and measure a whole system; PRESET is one of `train presets`, such as age-timelines.

    Writes RUN/pretrain and RUN/finetune, or a folder for each step of the preset's schedule and each of its nets. The
    test folder's split 'test' is measured after each. The same command goes on after a kill and skips what is done.
    """
    from agegap.errors import WrongUse
    from train.presets import TABLES, load_recipe, parse_typed

    recipe = load_recipe(preset, typed=parse_typed(sets, tables=TABLES))
    if not labelled:
        raise WrongUse("train run needs faces with an age: name their dataset folder with --labelled")
    from train.stages.system import run_system

    show(
        run_system(out, recipe=recipe, labelled=labelled, pairs=pairs, test=test, max_minutes=minutes),
        as_json=as_json,
        title=f"{preset}: {out}",
    )
