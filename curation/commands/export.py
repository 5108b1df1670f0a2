"""`curate export`."""

from pathlib import Path
from typing import Any

import click

from agegap.cli import json_option, show


@click.command("export")
@click.argument("out", type=click.Path(path_type=Path))
@click.option("--site", multiple=True, help="Only faces of this site; may be given again. [default: all]")
@click.option("--pairs", help="Name of the pair set. [default: default, where it exists]")
@click.option("--no-pairs", is_flag=True, default=None, help="Write faces alone.")
@click.option("--labelled-only", is_flag=True, default=None, help="Only faces with an age label.")
@click.option("--hide-ages", is_flag=True, default=None, help="Write no ages, and no photo ids that may spell them.")
@click.option("--split", help="Percent of the subjects, or all=test. [default: train=80,val=10,test=10]")
@click.option("--seed", type=int, help="Seed of the split. [default: 0]")
@click.option("--min-year-confidence", type=float, help="Write less sure years as unknown. [default: 0]")
@json_option
def export(*, out: Path, site: tuple[str, ...], as_json: bool, **flags: Any) -> None:
    """Write the dataset folder OUT that `train` reads.

    It holds the kept faces as one array, their index, the pairs whose two faces are in, and a manifest with hashes.
    Splits are by subject. An older dataset at OUT is replaced when the new one is complete. Settings: [curate.export].
    """
    from agegap.environment import data_folder
    from agegap.settings import load_settings
    from curation.export import export_dataset
    from curation.export_settings import ExportSettings
    from db.session import open_catalog

    settings = load_settings("curate.export", ExportSettings, flags={"site": site or None, **flags})
    show(export_dataset(open_catalog(), out, data=data_folder(), settings=settings), as_json=as_json, title="dataset")
