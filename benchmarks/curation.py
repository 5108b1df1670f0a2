"""Photos to faces on FG-NET: how many a CPU-second, whether the right face, how far off its eyes are, beside others.

    python -m benchmarks.curation --fgnet ../shared/data/fgnet [--photos N] [--no-peers]

The folder holds `images/` and `points/` (68 marked points a photo, 31 and 36 the eye centres, 66 the mouth). Prints a
line a row. CPU-seconds are this process's and its workers'; on a busy machine they grow too, so the load is printed and
the bare detector is timed in the same run.
"""

from pathlib import Path

import click

from benchmarks.steps import click_help


@click.command(help=click_help(__doc__))
@click.option("--fgnet", type=click.Path(path_type=Path, exists=True), required=True, help="Folder of FG-NET.")
@click.option("--photos", type=click.IntRange(min=8), help="Only so many, evenly taken. [default: all]")
@click.option("--peers/--no-peers", default=True, help="Also what PyPI has.")
def curation(fgnet: Path, photos: int | None, peers: bool) -> None:
    """Run the benchmark; the module's docstring is the help."""
    from benchmarks.curation_run import run  # OpenCV, which --help need not wait for

    run(fgnet, photos=photos, peers=peers)


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(curation, "python -m benchmarks.curation")
