"""`train similar`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder


@click.command()
@click.argument("image", type=folder, required=False)
@click.option("--run", type=folder, required=True, metavar="RUN", help="Run folder or checkpoint.")
@click.option("--index", "index_", type=folder, metavar="INDEX", help="What `train index` wrote.")
@click.option(
    "--data", type=folder, multiple=True, metavar="DIR", help="Dataset folder; its index is built where there is none."
)
@click.option("--top", type=click.IntRange(min=1, max=1000), default=10, show_default=True, help="Faces to bring back.")
@click.option("--html", type=folder, metavar="FILE", help="Write a contact sheet as a page.")
@click.option("--sheet", type=folder, metavar="FILE", help="Write a contact sheet as a picture (.jpg or .png).")
@click.option("--evaluate", is_flag=True, help="Instead of a photo: recall@10 of the faces of the index themselves.")
@json_option
def similar(
    image: Path | None,
    run: Path,
    index_: Path | None,
    data: tuple[Path, ...],
    top: int,
    html: Path | None,
    sheet: Path | None,
    evaluate: bool,
    as_json: bool,
) -> None:
    """Bring back the faces of dataset folders that are most like the main face of a photo.

    The photo's own file is left out. With --data alone the index is kept below RUN.
    """
    from dataclasses import asdict

    from agegap.errors import BadInputFile, WrongUse

    if (image is None) != evaluate:
        raise WrongUse("name either a photo or --evaluate")
    if image is not None and not image.is_file():
        raise BadInputFile(image, "is a folder" if image.is_dir() else "there is no such file", "name a photo")
    if index_ is None and not data:
        raise WrongUse("where to search? name --index INDEX, or --data DIR to build one")
    from train.model import open_model
    from train.retrieval.opening import open_or_build
    from train.retrieval.recall import measure_recall
    from train.retrieval.sheet import caption, write_page, write_picture
    from train.retrieval.similar import find_similar

    model = open_model(run)
    opened = open_or_build(model, run, index_, data)
    if image is None:
        show(asdict(measure_recall(opened)), as_json=as_json, title=f"{run} on {len(opened)} faces")
        return
    found = find_similar(image, model, opened, top=top)
    if html is not None:
        write_page(found, html)
    if sheet is not None:
        write_picture(found, sheet)
    if as_json:
        content = {"query": asdict(found.query.ages[0]), "own_left_out": found.own}
        show({**content, "similar": [asdict(one) for one in found.faces]}, as_json=True)
        return
    for one in found.faces:
        who, known = caption(one)
        click.echo(f"{one.rank:>3}  {who}, {known}  ({one.site} {one.site_id}, row {one.row} of {one.folder})")
