"""A file that grows under a temporary name and appears under its own only when it is whole.

No fsync: after `kill -9` the kernel still writes what it was given, so nothing is lost. A power cut may leave a file
short; its row has the sha256, so reading it again finds that out. A flush to the disk for each image would cost more
than fetching it.
"""

import hashlib
import mmap
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agegap.files import part_name

_NEW = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0)
_MODE = 0o666  # less the umask, as open() does it


class PartFile:
    """Bytes on their way to `path`; folders are made. End it with `keep` or `drop`, whatever happens.

    Every method raises OSError when the disk fails.
    """

    def __init__(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        self.path = path
        self.byte_count = 0
        self._part = f"{folder}/{part_name(name)}"
        self._hash = hashlib.sha256()
        try:
            self._handle = os.open(self._part, _NEW, _MODE)
        except FileNotFoundError:
            Path(folder).mkdir(parents=True, exist_ok=True)
            self._handle = os.open(self._part, _NEW, _MODE)

    @property
    def sha256(self) -> str:
        """The hex sha256 of what was written."""
        return self._hash.hexdigest()

    def write(self, chunk: bytes | memoryview) -> None:
        """Append `chunk`."""
        self._hash.update(chunk)
        self.byte_count += len(chunk)
        done = os.write(self._handle, chunk)
        while done < len(chunk):  # a write may end early, at 2 GB or on a nearly full disk
            done += os.write(self._handle, memoryview(chunk)[done:])

    @contextmanager
    def content(self) -> Iterator[mmap.mmap | bytes]:
        """Lend what was written, mapped and not read into memory."""
        if not self.byte_count:
            yield b""
            return
        with mmap.mmap(self._handle, 0, access=mmap.ACCESS_READ) as mapped:
            yield mapped

    def keep(self) -> None:
        """Give the file its name, in place of what bore it before."""
        os.close(self._handle)
        self._handle = -1
        os.rename(self._part, self.path)  # noqa: PTH104  a Path costs five times as much

    def drop(self) -> None:
        """Remove the temporary file; nothing happens after `keep`."""
        if self._handle >= 0:
            os.close(self._handle)
            self._handle = -1
            os.unlink(self._part)  # noqa: PTH108  as above
