"""`train fuse`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder


@click.command()
@click.argument("runs", type=folder, nargs=-1, required=True, metavar="RUN RUN...")
@click.option(
    "--val",
    type=folder,
    multiple=True,
    required=True,
    metavar="DIR",
    help="Dataset folder with ages that no RUN learned from; may be repeated.",
)
@click.option(
    "--method",
    default="learned",
    show_default=True,
    help="average, ages, learned, likelihood or features.",
)
@click.option(
    "--split", type=click.Choice(["val", "test", "all"]), default="val", show_default=True, help="Which of its faces."
)
@click.option("--out", type=folder, required=True, metavar="FUSED", help="Folder to write the ensemble to.")
@json_option
def fuse(runs: tuple[Path, ...], val: tuple[Path, ...], method: str, split: str, out: Path, as_json: bool) -> None:
    """Make one model of several; FUSED is then a run like any other for evaluate, predict and compare.

    What a method learns (weights, a layer over the features) and the 90 % interval come from the faces of --val.
    """
    from train.fusion.fuse import fuse_runs
    from train.fusion.recipe import read_recipe

    content = read_recipe(fuse_runs(runs, val, out, method, split=split))
    names = [one["run"] for one in content["members"]]
    result = {
        "run": str(out),
        "method": content["method"],
        "faces": content["faces"],
        "weights": dict(zip(names, (one["weight"] for one in content["members"]), strict=True)),
        "mae_of_members": dict(zip(names, content["mae"]["members"], strict=True)),
        "mae_of_average": content["mae"]["average"],
        "mae": content["mae"]["fused"],
        "interval_scale": content["interval_scale"],
    }
    show(result, as_json=as_json, title=f"ensemble: {out}")
