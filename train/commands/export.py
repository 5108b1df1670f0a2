"""`train export`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder


@click.command()
@click.argument("run", type=folder)
@click.option("--out", type=folder, required=True, metavar="FILE", help="The .onnx file to write.")
@click.option("--data", type=folder, metavar="DIR", help="Compare on the faces of this dataset, else on random crops.")
@click.option(
    "--compare", type=click.IntRange(min=1), default=64, show_default=True, metavar="N", help="Crops to compare on."
)
@json_option
def export(run: Path, out: Path, data: Path | None, compare: int, as_json: bool) -> None:
    """Write the net of RUN as an ONNX file, which onnxruntime answers with and which needs no torch.

    The file is compared with torch at once, and not written where an age differs by more than a thousandth of a year.
    """
    from dataclasses import asdict
    from importlib.util import find_spec

    import numpy as np

    from agegap.errors import BadInputFile, WrongUse

    if missing := [name for name in ("onnx", "onnxscript", "onnxruntime") if find_spec(name) is None]:
        raise WrongUse(f"needs the package '{missing[0]}'; run `pip install 'agegap[export]'`")
    if out.suffix.lower() != ".onnx":
        raise BadInputFile(out, "does not end in .onnx", "name the file so, that other programs know it")
    from train.crops import join, part_of
    from train.data import check_recipe, open_datasets
    from train.export_onnx import export_onnx, random_crops
    from train.model import open_model

    model = open_model(run)
    if data is None:
        crops = random_crops(compare, model.input_size)
    else:
        (dataset,) = open_datasets([data])
        check_recipe(dataset, model.crop)
        crops = dataset.crops
    rows = np.sort(np.random.default_rng(0).permutation(len(crops))[:compare]).astype(np.int64)
    done = export_onnx(model, out, join([part_of(crops, rows, input_size=model.input_size)]))
    show(
        asdict(done) | {"age_difference": f"{done.age_difference:.1e}"} if not as_json else asdict(done),
        as_json=as_json,
    )
