"""Only one process at a time writes crops and judgements of faces."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from agegap.errors import WrongUse


@contextlib.contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold `folder` for this process; raise WrongUse where another one holds it. The hold ends with the process."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        import fcntl
    except ImportError:  # no such lock on Windows; two runs there only do the work twice
        yield
        return
    with (folder / ".lock").open("w") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise WrongUse(f"another `curate faces` is at work in {folder}; wait until it is done") from None
        yield
