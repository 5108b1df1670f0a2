"""Where the console scripts begin: `agegap` is the one import name that cannot clash.

A script that began in `train.cli` would die of a traceback where another distribution's `train` comes first;
begun here, the five names are looked at before one of them is imported.
"""

import importlib
import sys

from agegap.environment import check_packages
from agegap.errors import AgegapError


def curate() -> None:
    """Run the `curate` command."""
    _start("curate", "curation.cli")


def train() -> None:
    """Run the `train` command."""
    _start("train", "train.cli")


def _start(program: str, module: str) -> None:
    try:
        check_packages()
    except AgegapError as error:
        sys.stderr.write(f"{program}: {error}\n")
        sys.exit(error.exit_code)
    importlib.import_module(module).main()
