"""`curate export`."""

from pathlib import Path
from typing import Any

import click

from agegap.cli import json_option, show

FORMATS = ("packed", "imagefolder", "parquet", "webdataset", "pairs-lists")  # as ExportSettings, which is not imported


@click.command("export")
@click.argument("out", type=click.Path(path_type=Path))
@click.option(
    "--format", type=click.Choice(FORMATS), help="What OUT is to be read with. [default: packed, for `train`]"
)
@click.option("--site", multiple=True, help="Only faces of this site; may be given again. [default: all]")
@click.option("--pairs", help="Name of the pair set. [default: default, where it exists]")
@click.option("--no-pairs", is_flag=True, default=None, help="Write faces alone.")
@click.option("--labelled-only", is_flag=True, default=None, help="Only faces with an age label.")
@click.option("--min-age", type=int, help="Leave out who is or may be younger. [default: nobody]")
@click.option("--drop-unknown-age", is_flag=True, default=None, help="Leave out whose age nothing tells.")
@click.option("--hide-ages", is_flag=True, default=None, help="Write no ages, and no photo ids that may spell them.")
@click.option("--split", help="Percent of the subjects, or all=test. [default: train=80,val=10,test=10]")
@click.option("--seed", type=int, help="Seed of the split. [default: 0]")
@click.option(
    "--leaks",
    type=click.Choice(("refuse", "drop", "allow")),
    help="What to do about a picture that lies in two splits. [default: refuse]",
)
@click.option("--min-year-confidence", type=float, help="Write less sure years as unknown. [default: 0]")
@click.option("--shard-mb", type=float, help="Pictures in a file of parquet and webdataset. [default: 256]")
@json_option
def export(*, out: Path, site: tuple[str, ...], as_json: bool, **flags: Any) -> None:
    """Write the kept faces and their pairs into the folder OUT.

    The format `packed` is what `train` reads; imagefolder, parquet and webdataset are for `datasets` and `webdataset`;
    pairs-lists has pictures by person with verification lists of K = 5, 10, 20 and 30. Each has hashes, a dataset
    card, Croissant and credits (docs/export.md). Splits are by subject. An older export at OUT is replaced when the
    new one is complete. Settings: [curate.export].
    """
    from agegap.environment import data_folder
    from agegap.settings import load_settings
    from curation.export import export_dataset
    from curation.export_settings import ExportSettings
    from db.session import open_catalog

    settings = load_settings("curate.export", ExportSettings, flags={"site": site or None, **flags})
    show(export_dataset(open_catalog(), out, data=data_folder(), settings=settings), as_json=as_json, title="dataset")
