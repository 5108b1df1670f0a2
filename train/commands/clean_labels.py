"""`train clean-labels`."""

from pathlib import Path

import click

from agegap.cli import json_option, show
from train.commands.options import folder, minutes_option, preset_option, set_option


@click.command("clean-labels")
@click.argument("runs", type=folder, nargs=-1, metavar="[RUN]...")
@click.option("--data", type=folder, required=True, metavar="DIR", help="Dataset folder whose labels are judged.")
@click.option("--out", type=folder, required=True, metavar="FILE", help="List to write, for `curate apply-rejects`.")
@click.option("--folds", type=click.IntRange(min=3), help="Train so many nets on the folder itself, instead of RUN.")
@click.option("--work", type=folder, metavar="DIR", help="Where they are trained.  [default: FILE.work]")
@preset_option
@set_option
@minutes_option
@click.option("--rule", type=click.Choice(["agenet", "errors"]), help="[default: agenet for RUN, errors for --folds]")
@click.option("--threshold", type=float, help="Of the rule.  [default: 0.4 of the mass; 3.5 deviations]")
@click.option(
    "--fix", type=click.Choice(["drop", "age"]), default="drop", show_default=True, help="Drop the face, or its age."
)
@click.option(
    "--split",
    type=click.Choice(["train", "val", "test", "all"]),
    default="all",
    show_default=True,
    help="Which of its faces.",
)
@click.option("--html", type=folder, metavar="FILE", help="Write a page of the worst hundred faces too.")
@json_option
def clean_labels(
    runs: tuple[Path, ...],
    data: Path,
    out: Path,
    folds: int | None,
    work: Path | None,
    preset: str,
    sets: tuple[str, ...],
    minutes: float | None,
    rule: str | None,
    threshold: float | None,
    fix: str,
    split: str,
    html: Path | None,
    as_json: bool,
) -> None:
    """List faces whose age label a model finds implausible; nothing is changed.

    Asked are models that did not learn from DIR (their mean), or, with --folds, nets that each leave out some of its
    people. `planted` says how well the rule finds labels that were exchanged on purpose.
    """
    from train.cleaning.clean import CleanOrder
    from train.cleaning.clean import clean_labels as clean
    from train.presets import load_recipe, needs_net, parse_typed

    recipe = None
    if folds:
        typed = parse_typed(sets, tables=("net", "augment", "pretrain"), table="pretrain")
        if minutes is not None:
            typed["pretrain"]["max_minutes"] = str(minutes / folds)
        recipe = needs_net(load_recipe(preset, typed=typed))
    order = CleanOrder(
        data=data,
        runs=runs,
        recipe=recipe,
        folds=folds or 0,
        work=work or out.with_name(f"{out.name}.work"),
        rule=rule or ("errors" if folds else "agenet"),  # type: ignore[arg-type]  # click has checked the word
        threshold=threshold,
        fix=fix,  # type: ignore[arg-type]
        split=split,
    )
    show(clean(order, out, html=html), as_json=as_json, title=f"labels of {data}")
