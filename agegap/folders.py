"""Writing a whole folder so that a reader never meets half of one.

The new folder is filled under a temporary name beside its place and then exchanged with the old one in one step
(renameat2 with RENAME_EXCHANGE on Linux; elsewhere two renames). A folder that is not ours is never replaced.
"""

import ctypes
import fcntl
import glob
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agegap.errors import BadInputFile
from agegap.files import PART_SUFFIX

_AT_FDCWD = -100  # linux/fcntl.h
_RENAME_EXCHANGE = 2  # linux/fs.h


@contextmanager
def replaced_folder(folder: Path, *, is_ours: Callable[[Path], bool]) -> Iterator[Path]:
    """Yield an empty temporary sibling of `folder`; put it in the place of `folder` when the block ends well.

    What a killed process left beside it is cleared away first. Raises BadInputFile when `folder` exists, is not
    empty and `is_ours` denies it, or when the folder cannot be made.
    """
    check_replaceable(folder, is_ours=is_ours)
    folder = folder.absolute()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        remove_left_overs(folder)
        part = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}{PART_SUFFIX}")
        part.mkdir()
    except OSError as fault:
        raise BadInputFile(folder, f"cannot be written ({fault.strerror})", "choose another folder") from None
    # The lock says that a living process fills this folder; it goes with the process, however that ends.
    lock = os.open(part, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield part
        check_replaceable(folder, is_ours=is_ours)
        _put(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)
        os.close(lock)


def check_replaceable(folder: Path, *, is_ours: Callable[[Path], bool]) -> None:
    """Raise BadInputFile when `folder` holds something else than what `is_ours` knows."""
    if not folder.exists() and not folder.is_symlink():
        return
    if not folder.is_dir():
        raise BadInputFile(folder, "is a file", "name a folder that is new or that this command wrote")
    if any(folder.iterdir()) and not is_ours(folder):
        raise BadInputFile(
            folder, "holds files that this command did not write", "name a folder that is new or empty, or empty it"
        )


def _put(part: Path, folder: Path) -> None:
    """Move `part` to `folder`; what was at `folder` is then at `part`."""
    if not folder.exists():
        part.rename(folder)
    elif not _exchange(part, folder):
        old = folder.with_name(f".{folder.name}.{uuid.uuid4().hex[:8]}{PART_SUFFIX}")
        folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system cannot."""
    try:
        renameat2 = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    arguments = (_AT_FDCWD, os.fsencode(one), _AT_FDCWD, os.fsencode(other), _RENAME_EXCHANGE)
    return bool(renameat2(*arguments) == 0)


def remove_left_overs(folder: Path) -> None:
    """Remove what killed processes left of `folder` beside it: half a new folder, or the whole of an old one."""
    for left in folder.parent.glob(f".{glob.escape(folder.name)}.*{PART_SUFFIX}"):
        if not left.is_dir():
            continue
        handle = os.open(left, os.O_RDONLY)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:  # another process is writing this very folder
            continue
        else:
            shutil.rmtree(left, ignore_errors=True)
        finally:
            os.close(handle)
