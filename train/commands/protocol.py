"""`train protocol`."""

from pathlib import Path
from typing import Literal

import click

from agegap.cli import json_option, show
from train.commands.options import folder, labelled_option, preset_option, set_option


@click.command()
@click.argument("name")
@click.argument("dataset", type=folder)
@click.option("--out", type=folder, metavar="DIR", help="Folder to write; without it the folds are only described.")
@click.option(
    "--learn-from",
    type=click.Choice(["ages", "pairs"]),
    default="ages",
    show_default=True,
    help="The ages of the training faces, or only the years between their photos.",
)
@click.option("--from", "start", type=folder, metavar="RUN", help="Run whose weights each fold begins with.")
@labelled_option
@click.option("--set-copy", type=folder, metavar="DIR", help="Your copy of the set, for folds, races and ranks.")
@click.option("--list", "list_file", type=folder, metavar="FILE", help="CSV file photo,split with a published list.")
@click.option("--folds", metavar="N,N", help="Do these folds only, from 0.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of the folds drawn by hash.")
@preset_option
@set_option
@json_option
def protocol(
    name: str,
    dataset: Path,
    out: Path | None,
    learn_from: Literal["ages", "pairs"],
    start: Path | None,
    labelled: tuple[Path, ...],
    set_copy: Path | None,
    list_file: Path | None,
    folds: str | None,
    seed: int,
    preset: str,
    sets: tuple[str, ...],
    as_json: bool,
) -> None:
    """Train and measure on each fold of DATASET as papers do; NAME is a protocol such as fgnet-lopo.

    Prints mean and spread over the folds and over people. The same command goes on after a kill; what is done is not
    done again.
    """
    from agegap.errors import WrongUse
    from train.presets import TABLES, load_recipe, parse_typed
    from train.protocols.run import ProtocolOrder, described, run_protocol

    table = "pretrain" if learn_from == "ages" else "finetune"
    typed = parse_typed(sets, tables=TABLES, table=table)
    recipe = load_recipe(preset, typed=typed)
    if folds and not all(part.strip().isdecimal() for part in folds.split(",")):
        raise WrongUse(f"--folds {folds}: write numbers such as 0,1")
    order = ProtocolOrder(
        name=name,
        dataset=dataset,
        learn_from=learn_from,
        start=start,
        labelled=labelled,
        set_copy=set_copy,
        list_file=list_file,
        seed=seed,
        only=tuple(int(part) for part in folds.split(",")) if folds else (),
    )
    if out is None:
        show(described(order), as_json=as_json)
        return
    if start is not None:
        from train.checkpoint import find_checkpoint, load_checkpoint

        recipe = load_recipe(preset, typed=typed, net=load_checkpoint(find_checkpoint(start)).net)
    result = run_protocol(order, out, recipe=recipe)
    shown = result if as_json else {key: value for key, value in result.items() if key not in ("asked", "each_fold")}
    show(shown, as_json=as_json, title=f"{name} on {dataset}")
