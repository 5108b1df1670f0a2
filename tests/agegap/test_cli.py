"""What every command shares: one sentence, the exit code, nothing but results on standard output."""

import errno
import json
import sys
from collections.abc import Callable
from typing import NoReturn

import click
import pytest

from agegap.cli import LazyGroup, json_option, run_command, show
from agegap.errors import DataFailed, UnknownName, WrongUse


def _raiser(error: BaseException) -> Callable[[], NoReturn]:
    def command() -> NoReturn:
        raise error

    return command


def _run(command: click.Command, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setattr(sys, "argv", ["curate", *arguments])
    try:
        run_command(command, "curate")
    except SystemExit as stopped:
        return int(stopped.code or 0)
    return 0


@pytest.mark.parametrize(
    ("error", "code", "sentence"),
    [
        (WrongUse("no such thing"), 2, "curate: no such thing"),
        (DataFailed("nothing could be read"), 1, "curate: nothing could be read"),
        (UnknownName("preset", "tini", ["tiny"]), 2, "curate: unknown preset 'tini'; did you mean 'tiny'?"),
        (KeyboardInterrupt(), 130, "curate: stopped; run the same command again to go on"),
        (
            OSError(errno.ENOSPC, "No space left on device", "/data/x"),
            1,
            "curate: /data/x: No space left on device; make room and run the same command again",
        ),
        (
            OSError(errno.EACCES, "Permission denied", "/data/x"),
            2,
            "curate: /data/x: Permission denied; name a place this user may write",
        ),
        (
            ModuleNotFoundError("No module named 'torch'", name="torch"),
            2,
            "curate: needs the package 'torch'; run `pip install 'agegap[train]'`",
        ),
    ],
)
def test_what_stops_a_command_is_one_sentence_and_an_exit_code(
    error: BaseException,
    code: int,
    sentence: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    command = click.Command("x", callback=_raiser(error))
    assert _run(command, monkeypatch=monkeypatch) == code
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.strip() == sentence


@pytest.mark.parametrize(
    "error", [RuntimeError("a bug"), ModuleNotFoundError("x", name="agegap.nowhere"), OSError(errno.EIO, "odd", "/x")]
)
def test_a_bug_keeps_its_traceback(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    command = click.Command("x", callback=_raiser(error))
    with pytest.raises(type(error)):
        _run(command, monkeypatch=monkeypatch)


@click.group(cls=LazyGroup, commands_at={"say": ("tests.agegap.test_cli:say", "Say a number.")})
def group() -> None:
    """A group of one command."""


@click.command()
@click.option("--count", type=int, default=1)
@click.option("--code", type=int)
@json_option
def say(count: int, code: int | None, as_json: bool) -> None:
    """Say a number."""
    if code is not None:
        click.get_current_context().exit(code)
    show({"count": count}, as_json=as_json, title="said")


def test_a_command_that_ends_well_exits_0(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    assert _run(group, "say", "--count", "3", monkeypatch=monkeypatch) == 0
    captured = capsys.readouterr()
    assert captured.out == "said\n  count  3\n"
    assert captured.err == ""


def test_json_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    _run(group, "say", "--json", monkeypatch=monkeypatch)
    assert capsys.readouterr().out == '{"count": 1}\n'


def test_the_code_a_command_ends_with_is_the_code_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _run(group, "say", "--code", "1", monkeypatch=monkeypatch) == 1


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["sya"], "curate: unknown curate command 'sya'; did you mean 'say'?\n"),
        (["say", "--cuont", "3"], "curate: unknown option '--cuont'; did you mean '--count'?\n"),
        (["say", "--zzz"], "curate: unknown option '--zzz'; see `curate say --help`\n"),
        (["say", "--count", "x"], "curate: Invalid value for '--count': 'x' is not a valid integer; see `curate say"),
    ],
)
def test_wrong_use_is_one_sentence_with_the_way_out(
    arguments: list[str], sentence: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(group, *arguments, monkeypatch=monkeypatch) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(sentence)
    assert captured.err.count("\n") == 1
    assert captured.out == ""


def test_no_arguments_are_the_help_and_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(group, monkeypatch=monkeypatch) == 2
    captured = capsys.readouterr()
    assert "Say a number." in captured.err
    assert captured.out == ""


def test_help_of_a_group_lists_its_commands_and_exits_0(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(group, "--help", monkeypatch=monkeypatch) == 0
    assert "say  Say a number." in capsys.readouterr().out


def test_a_table_shows_nested_values_and_nothing_as_a_dash(capsys: pytest.CaptureFixture[str]) -> None:
    show({"photos": 3, "mae": 4.25, "dropped": {"blurred": 1}, "best": None}, as_json=False)
    assert capsys.readouterr().out.splitlines() == [
        "  photos     3",
        "  mae        4.250",
        "  dropped",
        "    blurred  1",
        "  best       -",
    ]


def test_json_keeps_numbers_and_letters_as_they_are(capsys: pytest.CaptureFixture[str]) -> None:
    result = {"mae": 4.123456789, "name": "Zoë", "none": None, "drops": {"a": 1}}
    show(result, as_json=True)
    captured = capsys.readouterr().out
    assert json.loads(captured) == result
    assert "Zoë" in captured
