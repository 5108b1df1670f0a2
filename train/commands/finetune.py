"""`train finetune`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import (
    folder,
    labelled_option,
    minutes_option,
    out_option,
    pairs_option,
    preset_option,
    set_option,
)


@click.command()
@click.option(
    "--from", "start", type=folder, required=True, metavar="RUN", help="Pre-trained run folder or checkpoint."
)
@pairs_option
@labelled_option
@out_option
@preset_option
@set_option
@minutes_option
@json_option
def finetune(
    start: Path,
    pairs: Path,
    labelled: tuple[Path, ...],
    out: Path,
    preset: str,
    sets: tuple[str, ...],
    minutes: float | None,
    as_json: bool,
) -> None:
    """Learn from pairs of one person with K years between; ages of the pairs are never read."""
    from train.presets import load_recipe, needs_net, parse_typed

    typed = parse_typed(sets, tables=("net", "augment", "finetune"), table="finetune")
    if minutes is not None:
        typed["finetune"]["max_minutes"] = str(minutes)
    needs_net(load_recipe(preset, typed=typed))  # faults of what was typed are told before torch is loaded
    from train.checkpoint import find_checkpoint, load_checkpoint
    from train.stages.finetune import finetune as run_finetune

    net = load_checkpoint(find_checkpoint(start)).net
    recipe = load_recipe(preset, typed=typed, net=net)
    result = run_finetune(start, out, pairs=pairs, labelled=labelled, recipe=recipe)
    show(result.shown(), as_json=as_json, title=f"finetune {'was finished before' if result.was_finished else 'done'}")
