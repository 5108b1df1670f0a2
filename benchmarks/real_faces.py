"""The whole way on real photos: FG-NET's people become names at a photo site, their years become ages.

    python -m benchmarks.real_faces --utkface DIR --fgnet DIR [--fgnet-test DIR] --out DIR [--minutes N]

Crawls the FG-NET photos from a local photo site, dates them from their captions, finds, aligns and pairs the faces,
pre-trains on UTKFace and fine-tunes on the pairs without any FG-NET age. The three errors are of people that were
never seen, whose faces went through the same detector and alignment:

    mae_zero_shot           after pre-training alone
    mae_after_replay_only   after as many further steps on UTKFace, without pairs: the control
    mae_after_pairs         after fine-tuning on pairs

Prints one line of JSON. The same command goes on where it was killed.
"""

import json
import shutil
import time
from pathlib import Path
from typing import Any

import click

from agegap.files import write_json, write_text
from benchmarks.steps import click_help

DIRECTORY = click.Path(path_type=Path)
MINUTES = 19.0
"""Default budget of the whole run on two cores; what the photos leave of it is the trainer's."""

PRETRAIN_SHARE, FINETUNE_SHARE = 0.53, 0.34  # of the trainer's minutes; the control and the measurements need the rest
LEAST_TRAINING_MINUTES = 1.0
SETTINGS = """\
# UTKFace's aligned chips end close around the face: this template ends where they do, so that both sets are cut alike.
[curate.faces]
template = "close"
"""
HELD_OUT = 0.2  # of the subjects, where no test folder is given
SEED = 0
PLAN_FILE = "plan.json"


@click.command(help=click_help(__doc__))
@click.option("--utkface", type=DIRECTORY, required=True, help="Folder of UTKFace photos.")
@click.option("--fgnet", type=DIRECTORY, required=True, help="Folder of FG-NET photos.")
@click.option("--fgnet-test", type=DIRECTORY, help="FG-NET photos of other people, to measure on.")
@click.option("--out", type=DIRECTORY, required=True, help="Folder for everything this run writes.")
@click.option("--minutes", type=click.FloatRange(min=2), default=MINUTES, show_default=True, help="Budget of it all.")
@click.option("--seed", type=int, default=SEED, show_default=True, help="Of names, years, captions and training.")
def real_faces(utkface: Path, fgnet: Path, fgnet_test: Path | None, out: Path, minutes: float, seed: int) -> None:
    """Run the benchmark; the module's docstring is the help."""
    started = time.monotonic()
    from benchmarks.steps import Workbench

    bench = Workbench(out.resolve())
    write_text(bench.folder / "agegap.toml", SETTINGS)
    result: dict[str, Any] = {}
    lives, test = prepare(bench, fgnet, fgnet_test, seed=seed)
    result |= crawl(bench, lives)
    result |= curate(bench, utkface, test, photos=len(lives.ages))
    left = minutes - (time.monotonic() - started) / 60
    result |= train(bench, minutes=_planned_minutes(bench.folder, max(left, LEAST_TRAINING_MINUTES)), seed=seed)
    result["seconds"] = bench.seconds | {"total": round(time.monotonic() - started, 1)}
    click.echo(json.dumps(result))


def prepare(bench: Any, fgnet: Path, fgnet_test: Path | None, *, seed: int) -> tuple[Any, Path]:
    """Invent the lives and write the site's folder; return them and the folder of the people to measure on."""
    from benchmarks.invented_lives import hold_out, read_people, write_site
    from benchmarks.steps import say

    people = read_people(fgnet)
    test = bench.folder / "fgnet-test"
    if fgnet_test is None:
        unseen = hold_out(list(people), share=HELD_OUT, seed=seed)
        _link(test, [photo.path for subject in unseen for photo in people[subject]])
        people = {subject: photos for subject, photos in people.items() if subject not in unseen}
    else:
        read_people(fgnet_test)  # says at once when it holds none
        test = fgnet_test.resolve()
    with bench.timed("prepare"):
        lives = write_site(bench.folder / "site", people, seed=seed)
    say(f"{len(lives.names)} people of {len(lives.ages)} photos are at the photo site, measured on {test.name}")
    return lives, test


def crawl(bench: Any, lives: Any) -> dict[str, Any]:
    """Crawl and date the photos; return how many there are and how many years are right."""
    from benchmarks.truth import score_years

    bench.crawl_folder(bench.folder / "site")
    return score_years(bench.catalog_url, lives.taken_years)


def curate(bench: Any, utkface: Path, test: Path, *, photos: int) -> dict[str, Any]:
    """Import the labelled sets, find all faces by one recipe, pair and export; return the counts."""
    from benchmarks.truth import count_faces

    bench.run("import", "curate", "import", "utkface", utkface.resolve(), "--json")
    bench.run("import", "curate", "import", "fgnet", test, "--name", "fgnet-test", "--json")
    bench.run("faces", "curate", "faces", "--json")
    pairs = bench.run("pairs", "curate", "build-pairs", "--json")
    sets = bench.folder / "sets"
    # UTKFace holds some pictures twice; copies of what is in train are left out of val.
    of_labelled = ("--site", "utkface", "--no-pairs", "--split", "train=92,val=8,test=0", "--leaks", "drop")
    bench.run("export", "curate", "export", sets / "labelled", *of_labelled, "--json")
    of_pairs = ("--site", "flickr", "--hide-ages", "--split", "all=train")
    bench.run("export", "curate", "export", sets / "pairs", *of_pairs, "--json")
    of_test = ("--site", "fgnet-test", "--no-pairs", "--split", "all=test")
    bench.run("export", "curate", "export", sets / "test", *of_test, "--json")
    faces = count_faces(bench.catalog_url)
    return {
        "faces": faces.get("flickr", 0),
        "faces_of_photos": round(faces.get("flickr", 0) / photos, 4),
        "faces_utkface": faces.get("utkface", 0),
        "faces_test": faces.get("fgnet-test", 0),
        "pairs": pairs["pairs"],
    }


def train(bench: Any, *, minutes: float, seed: int) -> dict[str, Any]:
    """Pre-train, then fine-tune with pairs and, as the control, without; return the three errors."""
    sets, runs = bench.folder / "sets", bench.folder / "runs"
    labelled = ("--labelled", sets / "labelled")
    seeded = ("--set", f"seed={seed}", "--json")
    measured: dict[str, Any] = {}

    def measure(run: str, name: str) -> None:
        on_test = bench.run("evaluate", "train", "evaluate", runs / run, "--test", sets / "test", "--json")
        on_utkface = bench.run(
            "evaluate", "train", "evaluate", runs / run, "--test", sets / "labelled", "--split", "val", "--json"
        )
        measured[f"mae_{name}"] = round(on_test["mae"], 3)
        measured[f"cs5_{name}"] = round(on_test["cs5"], 2)
        measured[f"utkface_mae_{name}"] = round(on_utkface["mae"], 3)

    budget = f"{minutes * PRETRAIN_SHARE:.2f}"
    bench.run("pretrain", "train", "pretrain", *labelled, "--out", runs / "pretrain", "--minutes", budget, *seeded)
    measure("pretrain", "zero_shot")
    budget = f"{minutes * FINETUNE_SHARE:.2f}"
    tuning = ("train", "finetune", "--from", runs / "pretrain", "--pairs", sets / "pairs", *labelled)
    tuned = bench.run("finetune", *tuning, "--out", runs / "pairs", "--minutes", budget, *seeded)
    same_steps = ("--set", f"steps={tuned['steps']}", "--set", "use_pairs=false")
    bench.run("control", *tuning, "--out", runs / "replay", *same_steps, *seeded)
    measure("replay", "after_replay_only")
    measure("pairs", "after_pairs")
    measured["pairs_of_zero_shot"] = round(measured["mae_after_pairs"] / measured["mae_zero_shot"], 3)
    return measured


def _planned_minutes(folder: Path, left: float) -> float:
    """Return the trainer's minutes as the first run of this folder planned them: a resumed run keeps its schedule."""
    file = folder / PLAN_FILE
    if not file.exists():
        write_json(file, {"training_minutes": round(left, 2)})
    return float(json.loads(file.read_text(encoding="utf-8"))["training_minutes"])


def _link(folder: Path, photos: list[Path]) -> None:
    """Make `folder` hold links to exactly these photos: nothing of a research set is copied."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    for photo in photos:
        (folder / photo.name).symlink_to(photo)


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(real_faces, "python -m benchmarks.real_faces")
