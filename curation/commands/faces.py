"""`curate faces`."""

import click

from agegap.cli import json_option, show


@click.command("faces")
@click.option("--site", help="Only photos of this site or imported set. [default: all]")
@click.option("--recipe", help="Name of the thresholds faces are kept by. [default: that of [curate.faces]]")
@click.option(
    "--workers",
    type=click.IntRange(min=0),
    help="Processes that look at photos; 0: this one does. [default: one a core]",
)
@click.option("--executor", default="process", show_default=True, help="Where they run: process, or ray.")
@json_option
def faces(*, site: str | None, recipe: str | None, workers: int | None, executor: str, as_json: bool) -> None:
    """Find, align and judge the faces of the photos in the catalog.

    Each photo is looked at once; killed at any instant, the same command goes on. Crops of 128x128 pixels go to
    faces/<Subject>/ below the data folder, scores and reasons into the catalog. Settings: [curate.faces] in
    agegap.toml; when only thresholds change, nothing is detected again.
    """
    from agegap.environment import data_folder
    from agegap.settings import load_settings
    from dataset.face.recipes import load_recipe
    from dataset.face.settings import FaceSettings

    settings = load_settings("curate.faces", FaceSettings, flags={"recipe": recipe})
    thresholds = load_recipe(settings.recipe)
    from curation.faces import scan_faces
    from db.session import open_catalog

    result = scan_faces(
        open_catalog(),
        data=data_folder(),
        settings=settings,
        thresholds=thresholds,
        site=site,
        workers=workers,
        executor=executor,
    )
    show(result, as_json=as_json, title="faces")
