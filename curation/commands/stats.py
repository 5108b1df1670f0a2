"""`curate stats`."""

import click

from agegap.cli import json_option, show


@click.command("stats")
@json_option
def stats(*, as_json: bool) -> None:
    """Count photos, years, faces, drops and pairs, each drop with its reason."""
    from curation.stats import catalog_statistics
    from db.session import open_catalog

    show(catalog_statistics(open_catalog()), as_json=as_json, title="catalog")
