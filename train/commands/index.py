"""`train index`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder


@click.command()
@click.argument("run", type=folder)
@click.option(
    "--data", type=folder, multiple=True, required=True, metavar="DIR", help="Dataset folder; may be repeated."
)
@click.option("--out", type=folder, required=True, metavar="INDEX", help="Folder to write.")
@json_option
def index(run: Path, data: tuple[Path, ...], out: Path, as_json: bool) -> None:
    """Keep the features of all faces of dataset folders for `train similar`; RUN is a run folder or a checkpoint.

    An index of these very faces and weights is left as it is.
    """
    from train.model import open_model
    from train.retrieval.index import build_index, open_index

    model = open_model(run)
    built = open_index(build_index(model, data, out), model, folders=data)
    show(
        {"index": str(out), "faces": len(built), "features": built.features.shape[1], "model": model.name},
        as_json=as_json,
    )
