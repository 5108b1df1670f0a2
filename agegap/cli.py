"""What all commands share: one sentence for a user's mistake, exit codes, results as JSON or a table.

Exit 0: done. Exit 1: the data failed. Exit 2: wrong use. Results go to standard output, everything else to
standard error.
"""

import importlib
import json
import logging
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from agegap.errors import AgegapError, UnknownName

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")


def run_command(group: click.Command, program: str) -> None:
    """Run a click command as `program`; end the process with the exit code of its outcome."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", force=True)
    try:
        group.main(prog_name=program, standalone_mode=False)
    except AgegapError as error:
        _say(program, str(error))
        sys.exit(error.exit_code)
    except click.ClickException as error:
        _say(program, error.format_message())
        sys.exit(2)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _say(program, "stopped; run the same command again to go on")
        sys.exit(130)
    except BrokenPipeError:  # the reader of our output (`| head`) went away
        sys.stderr.close()
        sys.exit(0)


def _say(program: str, sentence: str) -> None:
    sys.stderr.write(f"{program}: {sentence}\n")


def show(result: Mapping[str, Any], *, as_json: bool, title: str = "") -> None:
    """Print a result to standard output: one JSON line, or `name  value` rows, nested values indented."""
    if as_json:
        click.echo(json.dumps(result, ensure_ascii=False, default=str))
        return
    if title:
        click.echo(title)
    rows = list(_rows(result))
    width = max((len(name) for name, _ in rows), default=0)
    for name, value in rows:
        click.echo(f"{name:<{width}}  {value}".rstrip())


def _rows(result: Mapping[str, Any], indent: str = "  ") -> Sequence[tuple[str, str]]:
    rows: list[tuple[str, str]] = []
    for name, value in result.items():
        if isinstance(value, Mapping):
            rows.append((f"{indent}{name}", ""))
            rows.extend(_rows(value, indent + "  "))
        else:
            rows.append((f"{indent}{name}", _text(value)))
    return rows


def _text(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


class LazyGroup(click.Group):
    """A group whose commands are imported only when they run, so that `--help` answers at once.

    `commands_at` maps a command's name to ("module:attribute", one line of help).
    """

    def __init__(self, *args: Any, commands_at: Mapping[str, tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands_at = commands_at

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order they were written down."""
        return list(self.commands_at)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import and return the command, or raise UnknownName with the nearest one."""
        if cmd_name not in self.commands_at:
            raise UnknownName(f"{ctx.info_name} command", cmd_name, self.commands_at)
        module, attribute = self.commands_at[cmd_name][0].split(":")
        command: click.Command = getattr(importlib.import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the written-out lines, importing none of them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, line) in self.commands_at.items()])
