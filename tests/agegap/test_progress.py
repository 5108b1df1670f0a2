"""Progress goes to standard error and changes nothing of what passes."""

import itertools

import pytest

from agegap import progress
from agegap.progress import track


def test_items_pass_unchanged_and_the_last_line_tells_the_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track([3, 1, 2], label="faces")) == [3, 1, 2]
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("faces: 3/3 (")


def test_a_line_comes_every_few_seconds(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = itertools.count(0.0, progress.LINE_EVERY_S / 2)
    monkeypatch.setattr("agegap.progress.time.monotonic", lambda: next(clock))
    list(track(iter("abcdef"), label="photos"))
    lines = capsys.readouterr().err.splitlines()
    assert [line.split(" (")[0] for line in lines] == ["photos: 2", "photos: 4", "photos: 6", "photos: 6"]


def test_nothing_to_do_is_told_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(track([], label="faces")) == []
    assert capsys.readouterr().err.startswith("faces: 0/0")
