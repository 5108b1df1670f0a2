"""What pairs without ages are worth on real faces, of people never seen: the claim's table.

    python -m benchmarks.pair_claim --fgnet DIR --utkface DIR --out DIR [--rows transfer,claim-scratch] [--folds 0,1]

    transfer        UTKFace from scratch, then FG-NET's people as pairs without an age
    soups           two fine-tunings of the same net, by timelines and by pair losses, and the mean of their weights
    claim-scratch   L labelled people and the others as (pair, K), no other set: without pairs, with them, all labels
    claim-utkface   the same, begun with the net of UTKFace
    ablations       each loss alone, no replay, difference regression, self-training, K from years, wrong pairs
    utkface         UTKFace by itself, five folds
    three-nets      the pairs of `transfer` with three seeds, and what the three nets say on the mean
    tuning          pairs with the settings of --set; choose on fold 0, where all settings here were chosen

FG-NET's people are in five folds. MAE is of the unseen people of all folds, its 95 % interval a bootstrap over people,
p a sign-flip test over people against the condition without pairs; "in 90 %" is the share of ages in their interval.
Everything is trained here from the two folders; the same command goes on where it was killed. `--report` trains
nothing and prints what is finished. Writes table.txt and table.json into --out.
"""

from pathlib import Path

import click

from benchmarks.steps import click_help

DIRECTORY = click.Path(path_type=Path)
HURRY = 50
"""By how much --quick shortens each training: to see that all runs, not what it gives."""


@click.command(help=click_help(__doc__))
@click.option("--fgnet", type=DIRECTORY, required=True, help="Folder of FG-NET photos.")
@click.option("--utkface", type=DIRECTORY, required=True, help="Folder of UTKFace photos.")
@click.option("--out", type=DIRECTORY, required=True, help="Folder for everything this run writes.")
@click.option(
    "--rows", default="transfer,soups,claim-scratch,claim-utkface,ablations", show_default=True, help="In order."
)
@click.option("--folds", default="0,1,2,3,4", show_default=True, help="Which of the five.")
@click.option("--labelled", default="8,4,16,32", show_default=True, help="Numbers L of labelled people, in order.")
@click.option(
    "--set",
    "typed",
    multiple=True,
    metavar="KEY=VALUE",
    help="Setting of tuning, of transfer's pairs, and (net.input_size=96) of the net that is pre-trained on UTKFace.",
)
@click.option("--start", type=DIRECTORY, help="A run pre-trained on UTKFace alone, instead of training one here.")
@click.option("--quick", is_flag=True, help=f"Every training {HURRY} times shorter: shows that it runs, no more.")
@click.option("--report", is_flag=True, help="Train nothing; the table of what is finished.")
def pair_claim(
    fgnet: Path,
    utkface: Path,
    out: Path,
    rows: str,
    folds: str,
    labelled: str,
    typed: tuple[str, ...],
    start: Path | None,
    quick: bool,
    report: bool,
) -> None:
    """Run the benchmark; the module's docstring is the help."""
    from agegap.files import write_json, write_text
    from benchmarks.claim_rows.rows import ALL_COUNTS, ROWS
    from benchmarks.claim_rows.workplace import Workplace, make_sets
    from train.presets import parse_typed

    wanted = _chosen("--rows", rows, list(ROWS))
    counts = [int(one) for one in _chosen("--labelled", labelled, [str(count) for count in ALL_COUNTS])]
    place = Workplace(
        out.resolve(),
        chosen=tuple(int(one) for one in _chosen("--folds", folds, list("01234"))),
        hurry=HURRY if quick else 1,
        only_finished=report,
        pretrained=start.resolve() if start else None,
        typed=parse_typed(typed, tables=("net", "augment", "finetune"), table="finetune"),
    )
    make_sets(place, fgnet=fgnet, utkface=utkface)
    done = {}
    for name in wanted:
        done[name] = ROWS[name](place, counts)
        click.echo(f"{done[name].text}\n")
    write_json(place.out / "table.json", {row: one.content for row, one in done.items()})
    write_text(place.out / "table.txt", "\n\n".join(one.text for one in done.values()) + "\n")


def _chosen(option: str, text: str, names: list[str]) -> list[str]:
    """Return the words of a comma-separated option; raise WrongUse for one that is none of `names`."""
    from agegap.errors import WrongUse, suggest

    words = [word.strip() for word in text.split(",") if word.strip()]
    for word in words:
        if word not in names:
            raise WrongUse(f"{option} {text}: there is no '{word}'; {suggest(word, names)}")
    if not words:
        raise WrongUse(f"{option} names nothing; give one or more of {', '.join(names)}")
    return list(dict.fromkeys(words))


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(pair_claim, "python -m benchmarks.pair_claim")
