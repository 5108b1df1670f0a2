"""`curate apply-rejects`."""

from pathlib import Path

import click

from agegap.cli import json_option, show


@click.command("apply-rejects")
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Store the findings and change nothing else.")
@json_option
def apply_rejects(*, file: Path, dry_run: bool, as_json: bool) -> None:
    """Drop the faces whose labels a model finds implausible: FILE is the list that `train clean-labels` wrote.

    Each line becomes a finding of `curate audit` (model_rejects); `curate audit --revert model_rejects` takes all back.
    """
    from agegap.errors import BadInputFile

    if not file.is_file():  # a misspelt name must not create a catalog
        raise BadInputFile(file, "no such file", "give the list that `train clean-labels` wrote")
    from curation.apply_rejects import apply_rejects as run
    from db.session import open_catalog

    tally = run(open_catalog(), file, dry_run=dry_run)
    show(tally.as_dict(), as_json=as_json, title="rejects")
