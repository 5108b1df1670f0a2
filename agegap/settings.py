"""Typed settings: flag over environment over `agegap.toml` over default.

Each command owns a frozen dataclass; its section of agegap.toml has the same field names. Every fault of the
section is gathered and told in one error. The environment variable of a field is
`AGEGAP_<SECTION>_<FIELD>`, upper case with `_` for `.`: `AGEGAP_TRAIN_PRETRAIN_EPOCHS`.
"""

import dataclasses
import difflib
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from agegap.errors import BadInputFile, SettingsError, suggest

S = TypeVar("S")

SETTINGS_FILE = "agegap.toml"
SECTIONS = (
    "crawl",
    "curate.audit",
    "curate.dedupe",
    "curate.export",
    "curate.faces",
    "curate.pairs",
    "curate.recipes",
    "curate.report",
    "curate.verify",
    "train.net",
    "train.augment",
    "train.pretrain",
    "train.finetune",
    "train.geometric",
)
"""Every table agegap.toml may hold; a misspelt one is a fault, not a setting that silently does nothing."""


def load_settings(
    section: str,
    cls: type[S],
    *,
    flags: Mapping[str, Any] | None = None,
    base: Mapping[str, Any] | None = None,
    file: Path | None = None,
) -> S:
    """Build the settings dataclass `cls` of `section` (dotted: "curate.faces").

    `flags` holds what was typed; a value of None means "not typed". `base` holds values that take the place of
    the defaults (a preset). `file` is agegap.toml in the current directory, which need not exist.
    Raises SettingsError with every unknown key and every wrong type or value.
    """
    file = file or Path(SETTINGS_FILE)
    places: list[tuple[str, Mapping[str, Any]]] = [
        ("preset", base or {}),
        (f"{file} [{section}]", _section(read_settings_file(file), section, file)),
        ("environment", _environment(section, cls)),
        ("flag", {key: value for key, value in (flags or {}).items() if value is not None}),
    ]
    known = _field_names(cls)
    merged: dict[str, Any] = {}
    origin: dict[str, str] = {}
    faults: list[str] = []
    for place, values in places:
        for key, value in values.items():
            if key in known:
                merged[key] = value
                origin[key] = place
            else:
                faults.append(f"{place}: unknown key '{key}'; {suggest(key, known)}")
    faults += _misspelt_variables(section, cls)
    return _validate(cls, merged, origin=origin, faults=faults)


def read_settings_file(file: Path) -> dict[str, Any]:
    """Return the tables of `file` ({} where it does not exist); raise on bad TOML or an unknown table."""
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except OSError as fault:
        raise BadInputFile(file, f"cannot be read ({fault.strerror})", "make it a file you may read") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadInputFile(file, f"is not TOML ({fault})", "mend that line") from None
    faults = _unknown_tables(tables, file)
    if faults:
        raise SettingsError(faults)
    return tables


def _unknown_tables(tables: Mapping[str, Any], file: Path) -> list[str]:
    """Return a fault for each table that no command reads, and for each key that stands in no table."""
    parents = {name.split(".")[0] for name in SECTIONS}
    faults = []
    for name, table in tables.items():
        if not isinstance(table, Mapping):
            faults.append(f"{file}: '{name}' stands in no table; put it below one of [{'], ['.join(SECTIONS)}]")
            continue
        if name not in parents:
            faults.append(f"{file}: unknown table [{name}]; {suggest(name, SECTIONS)}")
            continue
        below = [f"{name}.{key}" for key, value in table.items() if isinstance(value, Mapping)]
        faults += [f"{file}: unknown table [{key}]; {suggest(key, SECTIONS)}" for key in below if key not in SECTIONS]
        if name not in SECTIONS:
            keys = [key for key, value in table.items() if not isinstance(value, Mapping)]
            places = ", ".join(f"[{section}]" for section in SECTIONS if section.startswith(f"{name}."))
            faults += [f"{file} [{name}]: '{key}' belongs into one of {places}" for key in keys]
    return faults


def _section(tables: Mapping[str, Any], section: str, file: Path) -> dict[str, Any]:
    table: Any = tables
    for part in section.split("."):
        table = table.get(part, {})
        if not isinstance(table, Mapping):
            raise SettingsError([f"{file} [{section}]: '{part}' must be a table"])
    # A table below this one belongs to a sub-command, which checks it itself.
    return {key: value for key, value in table.items() if not isinstance(value, Mapping)}


def _field_names(cls: type[Any]) -> list[str]:
    return [field.name for field in dataclasses.fields(cls)]


def _prefix(section: str) -> str:
    return f"AGEGAP_{section.upper().replace('.', '_')}_"


def _environment(section: str, cls: type[Any]) -> dict[str, str]:
    names = {name: _prefix(section) + name.upper() for name in _field_names(cls)}
    return {key: os.environ[name] for key, name in names.items() if name in os.environ}


def _misspelt_variables(section: str, cls: type[Any]) -> list[str]:
    """Return a fault for each variable that is nearly one of this section's."""
    prefix = _prefix(section)
    known = [name.upper() for name in _field_names(cls)]
    given = sorted(name.removeprefix(prefix) for name in os.environ if name.startswith(prefix))
    faults = []
    for name in given:
        near = difflib.get_close_matches(name, known, n=1, cutoff=0.8)
        if name not in known and near:
            faults.append(f"environment: unknown {prefix}{name}; did you mean {prefix}{near[0]}?")
    return faults


def _validate(cls: type[S], values: Mapping[str, Any], *, origin: Mapping[str, str], faults: list[str]) -> S:
    from pydantic import TypeAdapter, ValidationError  # 0.1 s that `--help` need not pay

    try:
        settings = TypeAdapter(cls).validate_python(dict(values))
    except ValidationError as error:
        faults = faults + [_fault(dict(detail), origin) for detail in error.errors()]
    if faults:
        raise SettingsError(faults)
    return settings


def _fault(detail: Mapping[str, Any], origin: Mapping[str, str]) -> str:
    key = ".".join(str(part) for part in detail["loc"])
    message = str(detail["msg"])
    message = message[:1].lower() + message[1:]
    if not key:  # said by the dataclass itself, about several fields
        return message.removeprefix("value error, ")
    if detail["type"] == "missing":
        return f"'{key}' must be set"
    return f"{origin.get(key, 'settings')}: '{key}' {message}, not {detail.get('input')!r}"
