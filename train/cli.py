"""The `train` command: one line a sub-command, imported when it runs."""

import click

from agegap.cli import LazyGroup, run_command

COMMANDS = {
    "run": ("train.commands.run:run", "Pre-train, fine-tune and evaluate as a preset says."),
    "pretrain": ("train.commands.pretrain:pretrain", "Learn ages from labelled faces."),
    "finetune": ("train.commands.finetune:finetune", "Learn from pairs with K years between, ages unknown."),
    "evaluate": ("train.commands.evaluate:evaluate", "Measure MAE, CS(5) and error per decade."),
    "predict": (
        "train.commands.predict:predict",
        "Say the age of the face in a photo, with a 90 % interval.",
    ),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
@click.version_option(package_name="agegap")
def train() -> None:
    """Train and use age estimators on dataset folders."""


def main() -> None:
    """Entry point of the console script."""
    run_command(train, "train")
