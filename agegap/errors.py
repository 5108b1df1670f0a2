"""Every error a user can cause, and the sentence each one says.

An error takes data and writes its own sentence: what is wrong, where, and what to do.
Commands print that sentence on standard error and exit with the error's code:

    AgegapError
    ├── WrongUse (exit 2)          the user typed or configured something wrong
    │   ├── SettingsError          agegap.toml or a flag: every fault at once
    │   ├── UnknownName            a preset, setting, subject...: with the nearest known name
    │   ├── BadInputFile           a file that is missing, empty, binary or malformed
    │   ├── CatalogUnreachable     a catalog URL that does not parse or does not answer
    │   ├── MissingKey             an API key that is not in the environment
    │   ├── NothingToDo            the input is well formed but holds nothing the command can use
    │   └── CheckpointMismatch     a checkpoint of another net
    └── DataFailed (exit 1)        the command ran and the data let it down
        └── CatalogFailed          the catalog stopped answering while a command was using it
"""

import difflib
from collections.abc import Iterable, Sequence


class AgegapError(Exception):
    """Base of all errors whose text is written for the user."""

    exit_code = 1


class DataFailed(AgegapError):
    """The command was right and the data was not."""


class CatalogFailed(DataFailed):
    """The catalog was open and stopped working: a full disk, a lost server. `url` must carry no password."""

    def __init__(self, url: str, fault: str) -> None:
        self.url, self.fault = url, fault
        super().__init__(f"catalog {url}: {fault}; what was committed is kept, run the same command again to go on")


class WrongUse(AgegapError):
    """The command cannot start as it was typed or configured."""

    exit_code = 2


class SettingsError(WrongUse):
    """Faults of a settings file or of flags, gathered and told together."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__("; ".join(self.faults))


class UnknownName(WrongUse):
    """A name that is not in a closed list; says the nearest one that is."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, sorted(known)
        super().__init__(f"unknown {kind} '{name}'; {suggest(name, self.known)}")


class BadInputFile(WrongUse):
    """A file the user named cannot be used; `fault` says why and `remedy` what to do."""

    def __init__(self, path: object, fault: str, remedy: str) -> None:
        self.path, self.fault, self.remedy = path, fault, remedy
        super().__init__(f"{path}: {fault}; {remedy}")


class CatalogUnreachable(WrongUse):
    """The catalog URL does not parse, or its database does not answer or is none of ours.

    `url` must carry no password.
    """

    def __init__(self, url: str, fault: str) -> None:
        self.url, self.fault = url, fault
        super().__init__(
            f"catalog {url}: {fault}; set AGEGAP_CATALOG to a URL such as "
            "sqlite:///data/catalog.db or postgresql://user@host/name"
        )


class MissingKey(WrongUse):
    """An API key that must come from the environment is not there."""

    def __init__(self, variable: str, site: str) -> None:
        self.variable, self.site = variable, site
        super().__init__(f"{site} needs an API key: set {variable} in the environment")


class NothingToDo(WrongUse):
    """Well-formed input that holds nothing this command can use; `remedy` says which step is missing."""

    def __init__(self, where: object, fault: str, remedy: str) -> None:
        super().__init__(f"{where}: {fault}; {remedy}")


class CheckpointMismatch(WrongUse):
    """A checkpoint that was written by another net or for other classes."""

    def __init__(self, path: object, expected: str, found: str) -> None:
        super().__init__(
            f"{path}: the checkpoint holds {found}, this run is set to {expected}; "
            "use the settings it was trained with, or another checkpoint"
        )


def suggest(name: str, known: Iterable[str]) -> str:
    """Return "did you mean 'x'?" for a near miss of `name`, else the list of known names."""
    known = sorted(known)
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean '{near[0]}'?" if near else f"known: {', '.join(known)}"
