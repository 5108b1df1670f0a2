"""Entry of `python -m crawler.photosite`."""

from agegap.cli import run_command
from crawler.photosite.cli import cli

if __name__ == "__main__":
    run_command(cli, "photosite")
