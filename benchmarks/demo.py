"""The main job on embedded parts, in a few minutes: drawn people, a local photo site, SQLite, one small net.

    python -m benchmarks.demo [--out demo]          (or `make demo`)

People who were never born are drawn at many ages. Some are a labelled set with ages; others are at a photo site, with
captions and without ages. The commands a user would type then go the whole way, and the last table says how far off
the net is on a third group of people it never saw, before and after it learned from the years between photos.
"""

import shutil
import time
from pathlib import Path
from typing import Any

import click

from agegap.files import write_json
from benchmarks.steps import click_help

# Sized for four minutes on two cores: drawing, crawl and faces take about one, training the other three.
# One seed, other people of it: two people of one name would be one subject, and their pairs wrong.
LABELLED = {"people": 180, "photos": 10, "style": "studio", "skip": 0}
AT_SITE = {"people": 60, "photos": 16, "style": "album", "skip": 180}
UNSEEN = {"people": 30, "photos": 12, "style": "album", "skip": 240}
PRETRAIN_MINUTES, FINETUNE_MINUTES = 1.0, 0.9
RECIPE_FILE = "demo.json"


@click.command(help=click_help(__doc__))
@click.option(
    "--out", type=click.Path(path_type=Path), default=Path("demo"), show_default=True, help="Folder to write."
)
def demo(out: Path) -> None:
    """Run the demo; the module's docstring is the help."""
    from benchmarks.steps import Workbench, say, table
    from benchmarks.truth import count_catalog

    started = time.monotonic()
    bench = Workbench(out.resolve())
    start_afresh_when_changed(bench.folder)
    draw_people(bench)
    bench.crawl_folder(bench.folder / "site")
    pairs = curate(bench)
    before, after = train(bench)
    page = report(bench)
    counts = count_catalog(bench.catalog_url)
    say(f"done in {time.monotonic() - started:.0f} s")
    click.echo("\n" + table(summary(counts, pairs, before, after), title="agegap demo: names in, an age model out"))
    click.echo(f"\nFaces by year and the plots: {page}")


def start_afresh_when_changed(folder: Path) -> None:
    """Go on with what an earlier demo left, unless it was another demo: then remove its folder."""
    import json

    from agegap.errors import WrongUse

    recipe = {
        "labelled": LABELLED,
        "at_site": AT_SITE,
        "unseen": UNSEEN,
        "minutes": [PRETRAIN_MINUTES, FINETUNE_MINUTES],
    }
    file = folder / RECIPE_FILE
    if file.exists() and json.loads(file.read_text(encoding="utf-8")) != recipe:
        shutil.rmtree(folder)
    elif folder.exists() and not file.exists() and any(folder.iterdir()):
        raise WrongUse(f"{folder} holds other files than a demo's; name another folder with --out")
    write_json(file, recipe)


def draw_people(bench: Any) -> None:
    """Draw the labelled set, the photos of the site and the people to measure on."""
    for name, what in (("labelled", LABELLED), ("site", AT_SITE), ("unseen", UNSEEN)):
        options = [text for key, value in what.items() for text in (f"--{key}", str(value))]
        bench.run("draw", "python", "-m", "crawler.photosite", "draw", "--out", bench.folder / name, *options, "--json")


def curate(bench: Any) -> int:
    """Find the faces of all three groups, pair those of the site, write the dataset folders; return the pairs."""
    for name in ("labelled", "unseen"):
        bench.run("import", "curate", "import", "folder", bench.folder / name, "--name", name, "--json")
    bench.run("faces", "curate", "faces", "--json")
    bench.run("pairs", "curate", "build-pairs", "--json")
    sets = bench.folder / "sets"
    pairs = 0
    for name, options in (
        ("labelled", ("--site", "labelled", "--no-pairs", "--split", "train=90,val=10,test=0")),
        ("pairs", ("--site", "flickr", "--split", "all=train")),
        ("unseen", ("--site", "unseen", "--no-pairs", "--split", "all=test")),
    ):
        exported = bench.run("export", "curate", "export", sets / name, *options, "--json")
        pairs += int(exported["pairs"])
    return pairs


def train(bench: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """Pre-train on the labelled faces, fine-tune on the pairs; return the measurements before and after."""
    sets, runs = bench.folder / "sets", bench.folder / "runs"
    labelled = ("--labelled", sets / "labelled")
    net = ("--set", "net.backbone=tiny_age_net", "--json")
    first = ("train", "pretrain", *labelled, "--out", runs / "pretrain", "--minutes", PRETRAIN_MINUTES)
    bench.run("pre-training", *map(str, first), *net)
    before = bench.run("evaluate", "train", "evaluate", runs / "pretrain", "--test", sets / "unseen", "--json")
    then = ("train", "finetune", "--from", runs / "pretrain", "--pairs", sets / "pairs", *labelled)
    bench.run("fine-tuning", *then, "--out", runs / "finetune", "--minutes", str(FINETUNE_MINUTES), *net)
    after = bench.run("evaluate", "train", "evaluate", runs / "finetune", "--test", sets / "unseen", "--json")
    return before, after


def report(bench: Any) -> Path:
    """Write the HTML page of faces by year and of both runs; return its path."""
    runs = bench.folder / "runs"
    out: Path = bench.folder / "report"
    bench.run(
        "report", "curate", "report", "--out", out, "--run", runs / "pretrain", "--run", runs / "finetune", "--json"
    )
    return out / "index.html"


def summary(
    counts: dict[str, Any], pairs: int, before: dict[str, Any], after: dict[str, Any]
) -> list[tuple[str, object]]:
    """Return the rows of the last table."""
    return [
        ("photos crawled", counts["photos"]),
        ("  refused: all rights reserved", counts["refused"]),
        ("  dated from their texts", counts["dated"]),
        ("photos looked at for faces", counts["scanned"]),
        ("  faces kept", counts["kept"]),
        *((f"  dropped: {reason.replace('_', ' ')}", count) for reason, count in counts["dropped"].items()),
        ("pairs of one person, K years apart", pairs),
        (f"on {after['count']} photos of people never seen", ""),
        ("  MAE before the pairs, years", before["mae"]),
        ("  MAE after the pairs, years", after["mae"]),
        ("  within 5 years before, %", 100 * before["cs5"]),
        ("  within 5 years after, %", 100 * after["cs5"]),
    ]


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(demo, "python -m benchmarks.demo")
