"""`curate filter`."""

import click

from agegap.cli import json_option, show


@click.command("filter")
@click.option("--recipe", help="Name of the thresholds faces are kept by. [default: that of [curate.faces]]")
@click.option("--site", help="Only faces of this site or imported set. [default: all]")
@click.option("--dry-run", is_flag=True, help="Say what would move, and change nothing.")
@json_option
def filter_command(*, recipe: str | None, site: str | None, dry_run: bool, as_json: bool) -> None:
    """Judge the stored faces by another recipe, without looking at a photo.

    Recipes are default, strict, lenient, and those of [curate.recipes.NAME] in agegap.toml. What `curate verify`,
    `dedupe` or `audit` dropped stays dropped. The next `curate faces` judges by the recipe of [curate.faces] again.
    """
    from agegap.environment import data_folder
    from agegap.settings import load_settings
    from dataset.face.recipes import load_recipe
    from dataset.face.settings import FaceSettings

    settings = load_settings("curate.faces", FaceSettings, flags={"recipe": recipe})
    thresholds = load_recipe(settings.recipe)
    from curation.face_filter import filter_faces
    from db.session import open_catalog

    result = filter_faces(
        open_catalog(), data=data_folder(), settings=settings, thresholds=thresholds, site=site, dry_run=dry_run
    )
    show(result, as_json=as_json, title="filter")
