"""Images a second of training, for each backbone: pairs, variation, sampling, forward, backward and optimiser included.

    python -m benchmarks.train_speed [--backbone NAME ...] [--size S ...] [--batch-size N] [--steps N]
                                     [--precision P] [--compile MODE] [--free] [--start] [--json FILE]

Each row fine-tunes on random crops: two thirds of a step's images are pairs under the three pair losses, one third
replayed labelled faces, by the very loop of `train finetune`. On a GPU the crops are on it, and pairs are drawn and
crops varied there. Beside the speed stand two ceilings: that of arithmetic, 6 floating-point operations a multiply-add,
and that of memory, 15 passes of one number for each output of a convolution (30 bytes in bfloat16); both by what this
very device was measured to do in a large matrix product and a long copy.

`--free` lets torch choose kernels that do not repeat bit for bit, as `train` never does. `--start` also measures the
seconds from typing `train run` to its first step.
"""

from pathlib import Path

import click

from benchmarks.steps import click_help

BACKBONES = (
    "small_resnet",
    "tiny_age_net",
    "thin_age_net",
    "age_net",
    "resnet18",
    "googlenet",
    "resnet50",
    "vgg16",
)


@click.command(help=click_help(__doc__))
@click.option("--backbone", "backbones", multiple=True, default=BACKBONES, help="Nets. [default: all but lenet]")
@click.option("--size", "sizes", multiple=True, type=int, default=(64, 128), show_default=True, help="Sides in pixels.")
@click.option("--batch-size", type=click.IntRange(min=6), help="Images a step. [default: 96; on a GPU 1536]")
@click.option("--steps", type=click.IntRange(min=1), help="Steps that are timed. [default: 5; on a GPU 60]")
@click.option("--precision", type=click.Choice(["auto", "float32", "bfloat16"]), default="auto", show_default=True)
@click.option(
    "--compile",
    "compile_mode",
    type=click.Choice(["off", "default", "max-autotune-no-cudagraphs"]),
    default="off",
    show_default=True,
    help="torch.compile, as net.compile.",
)
@click.option("--free", is_flag=True, help="Kernels that need not repeat bit for bit.")
@click.option("--start", is_flag=True, help="Also time `train run` up to its first step.")
@click.option("--json", "json_file", type=click.Path(path_type=Path), help="Write the rows here, too.")
def train_speed(
    backbones: tuple[str, ...],
    sizes: tuple[int, ...],
    batch_size: int | None,
    steps: int | None,
    precision: str,
    compile_mode: str,
    free: bool,
    start: bool,
    json_file: Path | None,
) -> None:
    """Run the benchmark; the module's docstring is the help."""
    from benchmarks.train_speed_run import Asked, run  # torch, which --help need not wait for

    asked = Asked(
        backbones=backbones,
        sizes=sizes,
        batch_size=batch_size,
        steps=steps,
        precision=precision,
        compile_mode=compile_mode,
        is_free=free,
        with_start=start,
    )
    run(asked, json_file=json_file)


if __name__ == "__main__":
    from agegap.cli import run_command

    run_command(train_speed, "python -m benchmarks.train_speed")
