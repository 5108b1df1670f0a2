"""Many drawn photos of many drawn people through the whole way, on this machine: time, memory and disk of each stage.

    python -m benchmarks.scale --photos 100000 --people 5000 --out DIR

The photos are drawn, served by the local photo site, and then the commands run that a user would type. Each is watched
from outside: processor seconds and memory of all its processes, and how many rows it has done. Is the last tenth of a
stage as fast as its first, and does its memory stay? Other work on the machine changes wall seconds, so judge by
processor seconds. DIR/scale.json has every figure; a stage that is in it is not run again.
"""

import json
from pathlib import Path

import click

from benchmarks.steps import click_help


@click.command(help=click_help(__doc__))
@click.option("--photos", type=click.IntRange(min=100), default=100_000, show_default=True, help="Photos at the site.")
@click.option("--people", type=click.IntRange(min=10), default=5_000, show_default=True, help="People in them.")
@click.option("--out", type=click.Path(path_type=Path), required=True, help="Folder to write.")
@click.option(
    "--workers", type=click.IntRange(min=1), default=2, show_default=True, help="Processes of `curate faces`."
)
def scale(photos: int, people: int, out: Path, workers: int) -> None:
    """Run the benchmark; the module's docstring is the help."""
    from agegap.errors import WrongUse
    from benchmarks.scale_run import Run
    from benchmarks.scale_table import table_of

    if photos % people:
        raise WrongUse(f"--photos {photos} is not a multiple of --people {people}: each has as many")
    run = Run(out.resolve(), people=people, photos_each=photos // people, workers=workers)
    run.all_stages()
    click.echo(table_of(json.loads(run.file.read_text(encoding="utf-8"))))


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(scale, "python -m benchmarks.scale")
