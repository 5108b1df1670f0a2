"""Writing files so that a reader never meets half of one.

Every file of a dataset, a run or a crawl is written under a temporary name in the same folder and renamed:
on POSIX the rename is atomic, so after `kill -9` a name either holds all of its bytes or does not exist.
"""

import hashlib
import json
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

PART_SUFFIX = ".part"
"""Ending of temporary names; files with it are left-overs of a killed process and may be removed."""

_OWNER = re.compile(rf"\.(\d+)-[0-9a-f]+{re.escape(PART_SUFFIX)}$")  # .name.PID-random.part

_CHUNK_BYTES = 1 << 20  # 1 MiB reads: large enough that sha256, not the read call, sets the speed


def part_name(name: str) -> str:
    """Return a temporary name for the file `name`: in its folder, never given twice, known to `remove_parts`."""
    return f".{name}.{os.getpid()}-{os.urandom(4).hex()}{PART_SUFFIX}"


@contextmanager
def atomic_path(path: Path) -> Iterator[Path]:
    """Yield a temporary sibling of `path`; rename it to `path` on success, remove it on error.

    Folders on the way are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(part_name(path.name))
    try:
        yield part
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


@contextmanager
def atomic_open(path: Path, mode: str = "wb") -> Iterator[IO[Any]]:
    """Open a temporary sibling of `path` for writing and rename it to `path` when the block ends well."""
    with atomic_path(path) as part, part.open(mode, encoding=None if "b" in mode else "utf-8") as handle:
        yield handle
        handle.flush()
        os.fsync(handle.fileno())


def write_bytes(path: Path, content: bytes) -> None:
    """Write `content` to `path`, whole or not at all."""
    with atomic_open(path) as handle:
        handle.write(content)


def write_text(path: Path, content: str) -> None:
    """Write `content` as UTF-8 to `path`, whole or not at all."""
    write_bytes(path, content.encode())


def write_json(path: Path, content: object) -> None:
    """Write `content` as indented JSON with sorted keys, whole or not at all."""
    write_text(path, json.dumps(content, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def sha256_of_file(path: Path) -> str:
    """Return the hex sha256 of the bytes of `path`."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(_CHUNK_BYTES):
            digest.update(chunk)
    return digest.hexdigest()


def remove_parts(folder: Path) -> int:
    """Delete the temporary files killed processes left below `folder`; return how many.

    Those of a process that still runs on this machine stay: another crawl may be writing beside us.
    """
    parts = [part for part in folder.rglob(f".*{PART_SUFFIX}") if part.is_file() and not _is_being_written(part)]
    for part in parts:
        part.unlink(missing_ok=True)
    return len(parts)


def _is_being_written(part: Path) -> bool:
    owner = _OWNER.search(part.name)
    if owner is None:
        return False
    try:
        os.kill(int(owner[1]), 0)  # signal 0 only asks
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:  # it runs, as another user
        return True
    return not _is_zombie(int(owner[1]))


def _is_zombie(pid: int) -> bool:
    """Say whether a process has ended and only waits to be asked how: signal 0 reaches it, and it writes no more."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:  # no /proc here, or gone meanwhile
        return False
    return stat.rpartition(")")[2].split()[0] == "Z"
