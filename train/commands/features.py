"""`train features`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder


@click.command()
@click.argument("run", type=folder)
@click.argument("images", type=folder, nargs=-1, metavar="[IMAGE]...")
@click.option("--data", type=folder, metavar="DIR", help="Dataset folder to take faces from, evenly over their ages.")
@click.option(
    "--split", type=click.Choice(["train", "val", "test", "all"]), default="test", show_default=True, help="Of --data."
)
@click.option("--faces", type=click.IntRange(min=1, max=200), default=4, show_default=True, help="Of --data.")
@click.option("--out", type=folder, metavar="DIR", help="Folder to write; one of before is replaced.")
@click.option("--layer", "layers", multiple=True, metavar="NAME", help="A layer to show, such as trunk.0; repeatable.")
@click.option("--list-layers", is_flag=True, help="Print the names of the layers and write nothing.")
@click.option("--channels", type=click.IntRange(min=1, max=64), default=12, show_default=True, help="Maps of a layer.")
@click.option(
    "--steps", type=click.IntRange(min=1, max=4096), default=64, show_default=True, help="Of integrated gradients."
)
@json_option
def features(
    run: Path,
    images: tuple[Path, ...],
    data: Path | None,
    split: str,
    faces: int,
    out: Path | None,
    layers: tuple[str, ...],
    list_layers: bool,
    channels: int,
    steps: int,
    as_json: bool,
) -> None:
    """Show what the net of RUN sees in photos: its feature maps, and which pixels made the face older or younger.

    Writes sheets as PNG, features.html with all of them, and features.json.
    """
    from agegap.errors import WrongUse
    from train.predict.paths import check_paths, photos_of

    if not list_layers and bool(images) == (data is not None):
        raise WrongUse("name photos, or a dataset folder with --data" + ("; not both" if images else ""))
    if not list_layers and out is None:
        raise WrongUse("say where to write with --out DIR")
    check_paths(images)
    from train.explain.faces import faces_of_dataset, faces_of_photos
    from train.explain.folder import PAGE, Wanted, explain, net_of
    from train.explain.maps import layer_names
    from train.explain.measured import explain_measures
    from train.geometric.model import GeometricModel
    from train.model import open_model

    model = open_model(run)
    if list_layers or out is None:
        show({"layers": layer_names(net_of(model))}, as_json=as_json, title=model.name)
        return
    if not isinstance(model, GeometricModel):
        net_of(model)  # an ensemble is told before its faces are looked for
    if data is None:
        chosen = faces_of_photos(list(photos_of(images)), model)
    else:
        chosen = faces_of_dataset(data, model, split=split, count=faces)
    if isinstance(model, GeometricModel):
        content = explain_measures(model, chosen, out)
    else:
        content = explain(model, chosen, out, wanted=Wanted(layers, channels, steps))
    rows = {one["name"]: f"said {one['said']:.1f}" for one in content["faces"]}
    seen = {"layers": ", ".join(content["layers"])} if "layers" in content else {}
    shown = content if as_json else {**seen, **rows, "page": out / PAGE}
    show(shown, as_json=as_json, title=f"features of {content['model']}: {out}")
