"""`train pretrain`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder, labelled_option, minutes_option, out_option, preset_option, set_option


@click.command()
@labelled_option
@click.option(
    "--from", "start", type=folder, metavar="RUN", help="Run folder or checkpoint whose weights to begin with."
)
@out_option
@preset_option
@set_option
@minutes_option
@json_option
def pretrain(
    labelled: tuple[Path, ...],
    start: Path | None,
    out: Path,
    preset: str,
    sets: tuple[str, ...],
    minutes: float | None,
    as_json: bool,
) -> None:
    """Learn ages from labelled faces; keep the epoch with the least error on the validation split."""
    from agegap.errors import WrongUse
    from train.presets import load_recipe, needs_net, parse_typed

    typed = parse_typed(sets, tables=("net", "augment", "pretrain"), table="pretrain")
    if minutes is not None:
        typed["pretrain"]["max_minutes"] = str(minutes)
    recipe = needs_net(load_recipe(preset, typed=typed))
    if not labelled:
        raise WrongUse("train pretrain needs faces with an age: name their dataset folder with --labelled")
    if start is not None:
        from train.checkpoint import find_checkpoint, load_checkpoint

        recipe = load_recipe(preset, typed=typed, net=load_checkpoint(find_checkpoint(start)).net)
    from train.stages.pretrain import pretrain as run_pretrain

    result = run_pretrain(labelled, out, recipe=recipe, start=start)
    show(result.shown(), as_json=as_json, title=f"pretrain {'was finished before' if result.was_finished else 'done'}")
