"""`curate build-pairs`."""

from typing import Any

import click

from agegap.cli import json_option, show


def _numbers(_context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    if value is None:
        return None
    try:
        return tuple(int(part) for part in value.split(","))
    except ValueError:
        raise click.BadParameter(f"'{value}' is no list of years; write for example 5,10,20,30") from None


@click.command("build-pairs")
@click.option("--name", default="default", show_default=True, help="Name of the pair set; it replaces an older one.")
@click.option("--k", callback=_numbers, metavar="K,K..", help="These years between the two photos alone: 5,10,20,30.")
@click.option("--k-min", type=int, help="Least years between the two photos. [default: 1]")
@click.option("--k-max", type=int, help="Most years between the two photos. [default: 60]")
@click.option("--per-subject-k", type=int, help="Most pairs of one subject with one K. [default: 4]")
@click.option("--per-subject", type=int, help="Most pairs of one subject, spread over its Ks.")
@click.option("--max-per-face", type=int, help="Most pairs one face is in.")
@click.option("--per-k", type=int, help="Most pairs of one K, spread over the subjects.")
@click.option("--min-confidence", type=float, help="Least confidence of each taken year. [default: 0.5]")
@click.option("--min-eye-distance", type=float, help="Least pixels between the eyes. [default: 0]")
@click.option("--min-blur", type=float, help="Least sharpness, as in the column `blur`. [default: 0]")
@click.option("--same-event/--not-same-event", default=None, help="Pair faces of one page or day too. [default: not]")
@click.option("--direction", metavar="WORD", help="young-old, or both: each pair turned round too.")
@click.option("--negatives", type=float, help="Pairs of two people for each pair. [default: 0]")
@click.option("--split", metavar="SHARES", help="Percent of the subjects. [default: train=80,val=10,test=10]")
@click.option("--leaks", metavar="WORD", help="A picture in two splits: refuse, drop or allow. [default: refuse]")
@click.option("--storage", metavar="WORD", help="rows, parquet, or virtual: the recipe alone. [default: rows]")
@click.option("--seed", type=int, help="Another seed, another choice where a cap cuts. [default: 0]")
@json_option
def build_pairs(*, name: str, as_json: bool, same_event: bool | None, **flags: Any) -> None:
    """Pair faces of one subject with K years between, younger first.

    A pair is two kept faces of one subject in two photos with taken years K apart. Near duplicates and photos of one
    event are not paired. The same photos and seed give the same pairs. Settings: [curate.pairs] in agegap.toml.
    """
    from agegap.settings import load_settings
    from curation.pairing.sets import build_pair_set
    from curation.pairing.settings import PairSettings
    from db.session import open_catalog

    if same_event is not None:
        flags["not_same_event"] = not same_event
    settings = load_settings("curate.pairs", PairSettings, flags=flags)
    result = build_pair_set(open_catalog(), name=name, settings=settings)
    show(result, as_json=as_json, title="pairs")
