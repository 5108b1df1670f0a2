"""How long `curate report` takes for 5,000 people of 12 faces, how large its pages are, how soon a browser shows them.

    python -m benchmarks.report [--people N] [--faces N] [--workers N] [--keep FOLDER]

The catalog is made here: drawn crops, years over fifty years, verdicts, vectors, duplicates, findings. The report is
written twice; the second time nothing has changed. Prints a line a figure. Where Chromium is installed its first paint
of the first page is measured, on a window of 390 by 844 pixels.
"""

import tempfile
from pathlib import Path

import click

from benchmarks.steps import click_help


@click.command(help=click_help(__doc__))
@click.option("--people", type=click.IntRange(min=1), default=5000, show_default=True, help="How many people.")
@click.option("--faces", type=click.IntRange(min=1), default=12, show_default=True, help="Faces of each.")
@click.option("--workers", type=click.IntRange(min=0), default=2, show_default=True, help="Processes that draw.")
@click.option("--keep", type=click.Path(path_type=Path), help="Leave catalog and report here. [default: nowhere]")
def report(people: int, faces: int, workers: int, keep: Path | None) -> None:
    """Run the benchmark; the module's docstring is the help."""
    from benchmarks.report_run import run  # SQLAlchemy and Pillow, which --help need not wait for

    if keep is not None:
        run(keep, people=people, faces=faces, workers=workers)
        return
    with tempfile.TemporaryDirectory() as folder:
        run(Path(folder), people=people, faces=faces, workers=workers)


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(report, "python -m benchmarks.report")
