"""What loading costs: our packed array against a torch DataLoader over JPEG files; same crops, variation and net.

    python -m benchmarks.loader [--faces N] [--steps N] [--input-size S] [--backbone NAME] [--json FILE]

Draws N faces of 128 pixels, writes them as a dataset folder and as JPEG files of quality 90, and reads both: alone
(images a second, processor seconds an image, those of worker processes included), and while the net trains on them
(images a second, share of the step spent waiting for a batch). The DataLoader reads with OpenCV or Pillow, with 0, 1
and 2 workers.
"""

from pathlib import Path

import click

from benchmarks.steps import click_help


@click.command(help=click_help(__doc__))
@click.option("--faces", type=click.IntRange(min=64), default=4000, show_default=True, help="Faces to draw.")
@click.option("--steps", type=click.IntRange(min=2), default=30, show_default=True, help="Steps a row.")
@click.option("--batch-size", type=click.IntRange(min=1), default=128, show_default=True, help="Faces a step.")
@click.option("--input-size", type=int, default=64, show_default=True, help="Side in pixels that the net sees.")
@click.option("--backbone", default="small_resnet", show_default=True, help="Net of the training rows.")
@click.option("--workers", multiple=True, type=int, default=(0, 1, 2), show_default=True, help="Of the DataLoader.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the rows here, too.")
def loader(
    faces: int,
    steps: int,
    batch_size: int,
    input_size: int,
    backbone: str,
    workers: tuple[int, ...],
    json_file: Path | None,
) -> None:
    """Run the benchmark; the module's docstring is the help."""
    from benchmarks.loader_run import Asked, run  # torch and OpenCV, which --help need not wait for

    run(Asked(faces, steps, batch_size, input_size, backbone, workers), json_file=json_file)


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(loader, "python -m benchmarks.loader")
