"""A name holds all of its bytes or does not exist, whatever the instant of a kill."""

import hashlib
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agegap.files import (
    PART_SUFFIX,
    atomic_open,
    atomic_path,
    remove_parts,
    sha256_of_file,
    write_bytes,
    write_json,
    write_text,
)

ROOT = Path(__file__).resolve().parents[2]

_DIE_BEFORE_THE_RENAME = """
import os, signal, sys
from pathlib import Path
from agegap.files import atomic_open
with atomic_open(Path(sys.argv[1])) as handle:
    handle.write(b"new and half written")
    handle.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""


def _killed_while_writing(path: Path) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", _DIE_BEFORE_THE_RENAME, str(path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
    )
    assert killed.returncode == -9, killed.stderr


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("before", [None, b"old"])
def test_a_kill_before_the_rename_leaves_what_was_there(tmp_path: Path, before: bytes | None) -> None:
    path = tmp_path / "photo.jpg"
    if before is not None:
        path.write_bytes(before)
    _killed_while_writing(path)
    assert (path.read_bytes() if path.exists() else None) == before
    assert len(list(tmp_path.glob(f".*{PART_SUFFIX}"))) == 1


def test_left_overs_of_a_killed_process_are_removed_and_nothing_else(tmp_path: Path) -> None:
    below = tmp_path / "Marta_Quillon"
    below.mkdir()
    _killed_while_writing(below / "1.jpg")
    for name in ("2.jpg", "notes.part", ".hidden"):
        (below / name).write_bytes(b"mine")
    assert remove_parts(tmp_path) == 1
    assert _names(below) == [".hidden", "2.jpg", "notes.part"]
    assert remove_parts(tmp_path) == 0


def test_what_a_living_process_writes_is_no_left_over(tmp_path: Path) -> None:
    with atomic_open(tmp_path / "1.jpg") as handle:
        handle.write(b"new")
        assert remove_parts(tmp_path) == 0
    assert _names(tmp_path) == ["1.jpg"]


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="only /proc tells a dead process from a living one")
def test_what_a_dead_process_left_goes_even_where_nobody_asked_how_it_ended(tmp_path: Path) -> None:
    child = subprocess.Popen([sys.executable, "-c", ""], stdout=subprocess.PIPE)
    assert child.stdout is not None
    child.stdout.read()  # ends when the child does; it is not waited for
    (tmp_path / f".1.jpg.{child.pid}-0a1b2c3d{PART_SUFFIX}").write_bytes(b"half")
    stat = Path(f"/proc/{child.pid}/stat")
    end = time.monotonic() + 10
    while ") Z " not in stat.read_text(encoding="utf-8") and time.monotonic() < end:
        time.sleep(0.01)
    assert remove_parts(tmp_path) == 1
    child.wait()
    child.stdout.close()


def test_removing_left_overs_of_a_folder_that_is_not_there_is_no_work(tmp_path: Path) -> None:
    assert remove_parts(tmp_path / "photos") == 0


def test_an_error_while_writing_leaves_the_old_file_and_no_part(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_open(path, "w") as handle:
        handle.write("new")
        raise ZeroDivisionError
    assert path.read_text() == "old"
    assert _names(tmp_path) == ["a.json"]


def test_the_bytes_are_on_the_disk_before_the_name_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events: list[str] = []
    real_fsync, real_replace = os.fsync, Path.replace

    def fsync(descriptor: int) -> None:
        events.append("fsync")
        real_fsync(descriptor)

    def replace(self: Path, target: Path) -> Path:
        events.append(f"rename to {target.name} with {self.stat().st_size} bytes")
        return real_replace(self, target)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(Path, "replace", replace)
    write_bytes(tmp_path / "a", b"12345")
    assert events == ["fsync", "rename to a with 5 bytes"]


def test_the_temporary_name_is_in_the_same_folder_and_hidden(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "new" / "a.npy") as part:
        assert part.parent == tmp_path / "new"
        assert part.name.startswith(".")
        part.write_bytes(b"x")
    assert _names(tmp_path / "new") == ["a.npy"]


def test_text_is_utf8_and_json_is_sorted(tmp_path: Path) -> None:
    write_text(tmp_path / "a.txt", "Zoë\n")
    write_json(tmp_path / "a.json", {"b": "Zoë", "a": [1, None]})
    assert (tmp_path / "a.txt").read_bytes() == b"Zo\xc3\xab\n"
    assert json.loads((tmp_path / "a.json").read_text(encoding="utf-8")) == {"a": [1, None], "b": "Zoë"}
    assert (tmp_path / "a.json").read_text(encoding="utf-8").index('"a"') < 5


@pytest.mark.parametrize("size", [0, 1, (1 << 20) - 1, 1 << 20, (1 << 20) + 7])
def test_the_hash_of_a_file_is_that_of_its_bytes(tmp_path: Path, size: int) -> None:
    content = bytes(number % 251 for number in range(size))
    (tmp_path / "a").write_bytes(content)
    assert sha256_of_file(tmp_path / "a") == hashlib.sha256(content).hexdigest()
