"""`train predict`."""

import sys
from contextlib import ExitStack
from pathlib import Path
from typing import IO

import click

from agegap.cli import json_option
from train.commands.options import folder


@click.command()
@click.argument("paths", type=folder, nargs=-1, metavar="PATH...")
@click.option("--run", type=folder, required=True, metavar="RUN", help="Run folder or checkpoint.")
@click.option(
    "--faces",
    type=click.Choice(["main", "all"]),
    help="Main face or all; by default the main one of a photo, all of a video.",
)
@click.option("--camera", type=click.IntRange(min=0), metavar="N", help="Look at camera N, until --seconds or Ctrl-C.")
@click.option("--every", type=click.IntRange(min=1), metavar="N", help="Every N-th frame; by default five a second.")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop a video or camera there.")
@click.option("--draw", type=folder, metavar="DIR", help="Write copies with boxes and ages into this folder.")
@click.option("--out", type=folder, metavar="FILE", help="Write there; .csv and .jsonl say the form.")
@click.option("--format", "form", type=click.Choice(["text", "lines", "csv"]), help="lines: one line of JSON a face.")
@json_option
def predict(
    paths: tuple[Path, ...],
    run: Path,
    faces: str | None,
    camera: int | None,
    every: int | None,
    seconds: float | None,
    draw: Path | None,
    out: Path | None,
    form: str | None,
    as_json: bool,
) -> None:
    """Say the age of the faces of photos, folders of photos and videos, with a 90 % interval.

    Exit code 1 when something gave no age (the rest is answered all the same), 2 when a file does not exist. --json is
    one object at the end, --format lines and csv come as they are found.
    """
    import json
    from dataclasses import asdict

    from agegap.errors import DataFailed, WrongUse
    from agegap.files import atomic_open
    from train.predict.paths import check_paths

    if not paths and camera is None:
        raise WrongUse("nothing to look at; name photos, folders or videos, or --camera 0")
    if as_json and form:
        raise WrongUse("--json and --format contradict each other; leave one out")
    check_paths(paths)
    from train.model import open_model
    from train.predict.telling import Tally, Wanted, answers, form_of, split_json
    from train.predict.writing import writer

    model = open_model(run)
    tally = Tally()
    wanted = Wanted(paths, camera, faces, every, seconds, draw)  # type: ignore[arg-type]  # click checked the word
    said = answers(wanted, model, tally)
    with ExitStack() as stack:
        handle: IO[str] = stack.enter_context(atomic_open(out, "w")) if out else sys.stdout
        if as_json:
            content = {kind: [asdict(one) for one in ones] for kind, ones in split_json(list(said)).items()}
            handle.write(json.dumps(content, ensure_ascii=False) + "\n")
        else:
            tell = writer(form_of(out, form), handle)
            for answer in said:
                tell(answer)
    sys.stdout.flush()
    if tally.sentence:
        raise DataFailed(tally.sentence)
