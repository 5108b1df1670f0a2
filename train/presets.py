"""Presets: whole systems as one TOML file each, and the settings that a run is made of.

A preset's tables take the place of the defaults; agegap.toml, the environment and `--set` go over it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, TypeVar

from agegap.errors import SettingsError, UnknownName, suggest
from agegap.settings import load_settings
from train.settings import AugmentSettings, FinetuneSettings, NetSettings, PretrainSettings

S = TypeVar("S")

DEFAULT_PRESET = "age-timelines"

TABLES = ("net", "augment", "pretrain", "finetune")
"""Tables of a preset, each a section [train.<table>] of agegap.toml too."""

_FOLDER = Path(__file__).parent / "presets"


@dataclass(frozen=True)
class Recipe:
    """All settings of a run."""

    preset: str
    net: NetSettings
    augment: AugmentSettings
    pretrain: PretrainSettings
    finetune: FinetuneSettings


def preset_names() -> list[str]:
    """Return the presets there are."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def load_recipe(
    preset: str, *, typed: Mapping[str, Mapping[str, Any]] | None = None, net: NetSettings | None = None
) -> Recipe:
    """Return the settings of `preset` with what was `typed` (table to key to value) over them.

    `net`, the net of a checkpoint, takes the place of the preset's. Raises UnknownName for a preset, SettingsError
    with every fault of every table.
    """
    if preset not in preset_names():
        raise UnknownName("preset", preset, preset_names())
    tables = tomllib.loads((_FOLDER / f"{preset}.toml").read_text(encoding="utf-8"))
    if net is not None:
        tables["net"] = asdict(net)
    faults: list[str] = []

    def read(table: str, cls: type[S]) -> S | None:
        try:
            return load_settings(f"train.{table}", cls, base=tables.get(table), flags=(typed or {}).get(table))
        except SettingsError as error:
            faults.extend(error.faults)
            return None

    of_net, of_augment = read("net", NetSettings), read("augment", AugmentSettings)
    of_pretrain, of_finetune = read("pretrain", PretrainSettings), read("finetune", FinetuneSettings)
    if of_net is None or of_augment is None or of_pretrain is None or of_finetune is None:
        raise SettingsError(faults)
    return Recipe(preset, of_net, of_augment, of_pretrain, of_finetune)


def parse_typed(texts: Sequence[str], *, tables: Sequence[str], table: str | None = None) -> dict[str, dict[str, str]]:
    """Return what `--set key=value` says, table by table; "net.backbone=x" names its table, "epochs=3" means `table`.

    Raises SettingsError with every text that says nothing, or that names a table outside `tables`.
    """
    typed: dict[str, dict[str, str]] = {name: {} for name in tables}
    faults = []
    for text in texts:
        name, equals, value = text.partition("=")
        where, dot, key = name.strip().rpartition(".")
        where = where if dot else (table or "")
        if not equals or not key:
            faults.append(f"--set {text}: write key=value, for example {tables[-1]}.seed=1")
        elif not where:
            faults.append(f"--set {text}: say of which table, for example {tables[-1]}.{key}={value}")
        elif where not in tables:
            faults.append(f"--set {text}: no table '{where}' here; {suggest(where, tables)}")
        else:
            typed[where][key] = value.strip()
    if faults:
        raise SettingsError(faults)
    return typed
