"""Options that several sub-commands share."""

from pathlib import Path

import click

folder = click.Path(path_type=Path)
"""Whether it exists, and is what it should be, is said by the code that opens it, in one sentence."""

labelled_option = click.option(
    "--labelled",
    type=folder,
    multiple=True,
    metavar="DIR",
    help="Dataset folder whose faces have an age; may be repeated.",
)
pairs_option = click.option("--pairs", type=folder, required=True, metavar="DIR", help="Dataset folder with pairs.")
out_option = click.option(
    "--out", type=folder, required=True, metavar="RUN", help="Run folder to write; the same command goes on in it."
)
set_option = click.option(
    "--set",
    "sets",
    multiple=True,
    metavar="KEY=VALUE",
    help="One setting, such as epochs=3 or net.backbone=thin_age_net.",
)
preset_option = click.option("--preset", default="age-timelines", show_default=True, help="Preset of settings.")
minutes_option = click.option(
    "--minutes", type=click.FloatRange(min=0, min_open=True), help="Cut the steps so that training fits into it."
)
