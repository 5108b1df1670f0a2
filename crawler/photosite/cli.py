"""`python -m crawler.photosite`: serve a folder or drawn people; draw people to a folder."""

from typing import Any

import click

from agegap.cli import LazyGroup

DEFAULT_COMMAND = "serve"


class DefaultGroup(LazyGroup):
    """A group that takes options without a command's name as those of `serve`."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `serve` before a first argument that is an option of it, and where there is none at all."""
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = [DEFAULT_COMMAND, *args]
        return super().parse_args(ctx, args)


COMMANDS = {
    "serve": (
        "crawler.photosite.commands:serve_command",
        "Serve a folder of photos, or drawn people (the default command).",
    ),
    "draw": ("crawler.photosite.commands:draw_command", "Draw people who age into a folder."),
}


@click.group(cls=DefaultGroup, commands_at=COMMANDS)
def cli(**_: Any) -> None:
    """A photo site on this machine that answers as the Flickr API does.

    `python -m crawler.photosite --folder DIR` is short for `python -m crawler.photosite serve --folder DIR`.
    """
