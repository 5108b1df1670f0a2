"""Typed settings: flag over environment over `agegap.toml` over default.

Each command owns a frozen dataclass; its section of agegap.toml has the same field names. Every fault of the
section is gathered and told in one error. The environment variable of a field is
`AGEGAP_<SECTION>_<FIELD>`, upper case with `_` for `.`: `AGEGAP_TRAIN_PRETRAIN_EPOCHS`.
"""

import dataclasses
import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

from agegap.errors import BadInputFile, SettingsError, suggest

S = TypeVar("S")

SETTINGS_FILE = "agegap.toml"
SECTIONS = ("crawl", "curate", "train")
"""Top-level tables of agegap.toml, one a command."""


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
    the defaults (a preset). Raises SettingsError with every unknown key and every wrong type or value.
    """
    file = file or Path(SETTINGS_FILE)
    from_file = _section(read_settings_file(file), section, file)
    from_environment = _environment(section, cls)
    typed = {key: value for key, value in (flags or {}).items() if value is not None}
    places = [
        (f"{file} [{section}]", from_file),
        ("environment", from_environment),
        ("flag", typed),
    ]
    merged: dict[str, Any] = dict(base or {})
    origin: dict[str, str] = dict.fromkeys(merged, "preset")
    faults: list[str] = []
    known = [field.name for field in dataclasses.fields(cls)]  # type: ignore[arg-type]
    for place, values in places:
        for key, value in values.items():
            if key not in known:
                faults.append(f"{place}: unknown key '{key}'; {suggest(key, known)}")
                continue
            merged[key] = value
            origin[key] = place
    faults += [f"preset: unknown key '{key}'; {suggest(key, known)}" for key in (base or {}) if key not in known]
    if faults:
        raise SettingsError(faults)
    return _validate(cls, merged, origin)


def read_settings_file(file: Path) -> dict[str, Any]:
    """Return the tables of `file` ({} where it does not exist); raise on bad TOML or an unknown table."""
    if not file.exists():
        return {}
    try:
        tables = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadInputFile(file, f"is not TOML ({fault})", "mend that line") from None
    unknown = [f"{file}: unknown table [{name}]; {suggest(name, SECTIONS)}" for name in tables if name not in SECTIONS]
    if unknown:
        raise SettingsError(unknown)
    return tables


def _section(tables: Mapping[str, Any], section: str, file: Path) -> dict[str, Any]:
    table: Any = tables
    for part in section.split("."):
        table = table.get(part, {})
        if not isinstance(table, Mapping):
            raise SettingsError([f"{file} [{section}]: '{part}' must be a table"])
    # A table below this one belongs to a sub-command, which checks it itself.
    return {key: value for key, value in table.items() if not isinstance(value, Mapping)}


def _environment(section: str, cls: type[Any]) -> dict[str, str]:
    prefix = f"AGEGAP_{section.upper().replace('.', '_')}_"
    names = {field.name: prefix + field.name.upper() for field in dataclasses.fields(cls)}
    return {key: os.environ[name] for key, name in names.items() if name in os.environ}


def _validate(cls: type[S], values: Mapping[str, Any], origin: Mapping[str, str]) -> S:
    from pydantic import TypeAdapter, ValidationError  # 0.1 s that `--help` need not pay

    try:
        return TypeAdapter(cls).validate_python(dict(values))
    except ValidationError as error:
        faults = []
        for fault in error.errors():
            key = ".".join(str(part) for part in fault["loc"])
            where = origin.get(key, "settings")
            faults.append(f"{where}: '{key}' {fault['msg'].lower()}, not {fault.get('input')!r}")
        raise SettingsError(faults) from None
