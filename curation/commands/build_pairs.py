"""`curate build-pairs`."""

from typing import Any

import click

from agegap.cli import json_option, show


@click.command("build-pairs")
@click.option("--name", default="default", show_default=True, help="Name of the pair set; it replaces an older one.")
@click.option("--k-min", type=int, help="Least years between the two photos. [default: 1]")
@click.option("--k-max", type=int, help="Most years between the two photos. [default: 60]")
@click.option("--per-subject-k", type=int, help="Most pairs of one subject with one K. [default: 4]")
@click.option("--per-subject", type=int, help="Most pairs of one subject, spread over its Ks.")
@click.option("--max-per-face", type=int, help="Most pairs one face is in.")
@click.option("--min-confidence", type=float, help="Least confidence of each taken year. [default: 0.5]")
@click.option("--seed", type=int, help="Another seed, another choice where a cap cuts. [default: 0]")
@json_option
def build_pairs(*, name: str, as_json: bool, **flags: Any) -> None:
    """Pair faces of one subject with K years between, younger first.

    A pair is two kept faces of one subject in two photos with taken years K apart. Near duplicates are not paired.
    The same photos and seed give the same pairs. Settings: [curate.pairs] in agegap.toml.
    """
    from agegap.settings import load_settings
    from curation.pair_sets import build_pair_set
    from curation.pairs import PairSettings
    from db.session import open_catalog

    settings = load_settings("curate.pairs", PairSettings, flags=flags)
    result = build_pair_set(open_catalog(), name=name, settings=settings)
    show(result, as_json=as_json, title="pairs")
