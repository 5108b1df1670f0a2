"""`curate import`."""

from pathlib import Path

import click

from agegap.cli import json_option, show


@click.command("import")
@click.argument("kind", metavar="KIND")
@click.argument("path", metavar="PATH", type=click.Path(path_type=Path))
@click.option("--name", help="What the catalog calls the set. [default: KIND, or the folder's name]")
@json_option
def import_set(*, kind: str, path: Path, name: str | None, as_json: bool) -> None:
    """Bring the labelled set at PATH into the catalog; its photos stay where they are.

    KIND is fgnet, morph2, imdb, wiki, imdb-clean, utkface, appa-real, lap2015, lap2016, adience, agedb, cacd2000, afad,
    lfw or folder. A folder has one sub-folder a subject, or a photos.jsonl beside the photos with file, subject, age,
    taken_year and texts. Every row and file is counted, those that were skipped by reason. Running it again brings
    labels and places up to date.
    """
    from dataset.sources.known import read_source

    read_source(kind, path)  # a misspelt kind or path must not create a catalog
    from curation.imports import import_set as run
    from db.session import open_catalog

    tally = run(open_catalog(), kind, path, name=name)
    show(tally.as_dict(), as_json=as_json, title="import")
