"""The `train` command: one line a sub-command, imported when it runs."""

import click

from agegap.cli import LazyGroup, run_command

COMMANDS = {
    "run": ("train.commands.run:run", "Pre-train, fine-tune and evaluate as a preset says."),
    "presets": ("train.commands.presets:presets", "List the systems that `train run` knows."),
    "pretrain": ("train.commands.pretrain:pretrain", "Learn ages from labelled faces."),
    "finetune": ("train.commands.finetune:finetune", "Learn from pairs with K years between, ages unknown."),
    "evaluate": ("train.commands.evaluate:evaluate", "Measure errors, intervals and age groups on unseen faces."),
    "report": ("train.commands.report:report", "Write the page of an evaluated run anew."),
    "compare": ("train.commands.compare:compare", "Put evaluated runs side by side, with p-values."),
    "protocol": ("train.commands.protocol:protocol", "Train and measure fold by fold as papers do on a public set."),
    "fuse": ("train.commands.fuse:fuse", "Make one model of several, with weights learned on validation."),
    "soup": ("train.commands.soup:soup", "Make one net of several fine-tunings of a net: the mean of their weights."),
    "clean-labels": ("train.commands.clean_labels:clean_labels", "List faces whose age label is hard to believe."),
    "tune": ("train.commands.tune:tune", "Search for better settings of a preset, resumed and shared at will."),
    "calibrate": ("train.commands.calibrate:calibrate", "Measure a net's intervals anew, on faces or on pairs."),
    "predict": (
        "train.commands.predict:predict",
        "Say the ages of the faces in photos and videos, with 90 % intervals.",
    ),
    "features": ("train.commands.features:features", "Show a net's feature maps and what moved the age it says."),
    "index": ("train.commands.index:index", "Keep the features of dataset folders for `train similar`."),
    "similar": ("train.commands.similar:similar", "Bring back the faces that are most like the one in a photo."),
    "export": ("train.commands.export:export", "Write a net as an ONNX file that needs no torch."),
    "app": ("train.commands.app:app", "Open a page that says the age of an uploaded photo or of the camera."),
}


@click.group(cls=LazyGroup, commands_at=COMMANDS)
@click.version_option(package_name="agegap")
def train() -> None:
    """Train and use age estimators on dataset folders."""


def main() -> None:
    """Entry point of the console script."""
    run_command(train, "train")
