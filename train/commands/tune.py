"""`train tune`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder, labelled_option, set_option


@click.command()
@click.argument("preset")
@labelled_option
@click.option(
    "--trials", type=click.IntRange(min=1), required=True, help="Trials the study is to hold, earlier ones included."
)
@click.option("--out", type=folder, required=True, metavar="STUDY", help="Folder of the study; goes on in it.")
@click.option("--search", type=folder, metavar="FILE", help="TOML with what is searched; else the preset's default.")
@set_option
@click.option("--minutes", type=click.FloatRange(min=0, min_open=True), help="Cut each trial so that it fits into it.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the search.")
@json_option
def tune(
    preset: str,
    labelled: tuple[Path, ...],
    trials: int,
    out: Path,
    search: Path | None,
    sets: tuple[str, ...],
    minutes: float | None,
    seed: int,
    as_json: bool,
) -> None:
    """Search for settings with the least validation MAE when PRESET pre-trains on faces with an age.

    Each trial is a run folder; one that is worse than the median is stopped. The same command goes on after a kill,
    and several processes may run it on one STUDY at once.
    """
    from agegap.errors import WrongUse
    from train.presets import parse_typed
    from train.tuning.space import default_space, read_space
    from train.tuning.tune import TuneOrder
    from train.tuning.tune import tune as run

    typed = parse_typed(sets, tables=("net", "augment", "pretrain"), table="pretrain")
    if minutes is not None:
        typed["pretrain"]["max_minutes"] = str(minutes)
    if not labelled:
        raise WrongUse("train tune needs faces with an age: name their dataset folder with --labelled")
    space = default_space(preset, backbone=typed["net"].get("backbone")) if search is None else read_space(search)
    order = TuneOrder(preset, space, labelled, trials, typed=typed, seed=seed)
    content = run(order, out)
    best = content["best"]
    shown = {
        "study": str(out),
        "measured": content["measured"],
        "stopped": content["stopped"],
        "failed": content["failed"],
        "val_mae": best["val_mae"],
        "best": best["values"],
        "run": str(out / best["run"]),
        "page": str(out / "tune.html"),
    }
    show(content if as_json else shown, as_json=as_json, title=f"search of {preset}")
