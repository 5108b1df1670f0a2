"""`train predict`."""

import sys
from pathlib import Path

import click

from agegap.cli import json_option
from train.commands.options import folder


@click.command()
@click.argument("images", type=folder, nargs=-1, required=True, metavar="IMAGE...")
@click.option("--run", type=folder, required=True, metavar="RUN", help="Run folder or checkpoint.")
@json_option
def predict(images: tuple[Path, ...], run: Path, as_json: bool) -> None:
    """Say the age of the main face of each photo, with a 90 % interval.

    Exit code 1 when a photo gave no age (the others are answered all the same), 2 when a file does not exist.
    """
    import json
    from dataclasses import asdict

    from agegap.errors import BadInputFile, DataFailed

    for image in images:
        if not image.is_file():
            fault = "is a folder" if image.is_dir() else "there is no such file"
            raise BadInputFile(image, fault, "name a photo")
    from train.evaluate import open_net
    from train.predict import predict as say

    answers = say(images, open_net(run))
    if as_json:
        content = {
            "images": [asdict(one) for one in answers.ages],
            "failed": [asdict(one) for one in answers.failed],
        }
        click.echo(json.dumps(content, ensure_ascii=False))
    else:
        for one in answers.ages:
            others = f", largest of {one.faces} faces" if one.faces > 1 else ""
            click.echo(f"{one.image}  {one.age:.0f} years (90 %: {one.low:.0f} to {one.high:.0f}){others}")
    sys.stdout.flush()
    if answers.failed:
        raise DataFailed("; ".join(f"{one.image}: {one.detail}" for one in answers.failed))
