"""What is searched: for each setting its range or its choices, read from TOML or a default of the preset.

[search]
learning_rate = { low = 1e-4, high = 1e-2, log = true }   # of [pretrain], where no table is named
batch_size = [32, 64, 128]
[search.net]
dropout = { low = 0.0, high = 0.5 }
"""

import dataclasses
import math
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile, SettingsError, suggest
from train.backbones import SHAPE, SHAPED
from train.settings import AugmentSettings, NetSettings, PretrainSettings

TABLES: dict[str, type] = {"net": NetSettings, "augment": AugmentSettings, "pretrain": PretrainSettings}

_BOUNDS = {"low", "high", "log", "step"}


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; whole ones where both are."""

    low: float
    high: float
    log: bool = False
    step: float | None = None

    @property
    def is_whole(self) -> bool:
        """Say whether only whole numbers are meant."""
        return isinstance(self.low, int) and isinstance(self.high, int)


@dataclass(frozen=True)
class Choices:
    """Some values, in no order."""

    values: tuple[str | float | bool, ...]


Space = dict[str, Range | Choices]
"""By "table.key", such as "pretrain.learning_rate"."""

_EVERY: dict[str, Any] = {
    "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
    "sigma": {"low": 0.5, "high": 4.0},
    "net": {"dropout": {"low": 0.0, "high": 0.5}},
}

DEFAULTS: dict[str, dict[str, Any]] = {
    # What AgeNet's report says it searched: learning rate, filters, layers, kernel, dense units.
    "agenet": {
        "learning_rate": {"low": 3e-5, "high": 3e-3, "log": True},
        "batch_size": [16, 32, 64],
        "net": {
            "dropout": {"low": 0.0, "high": 0.5},
            "filters": [16, 32, 64],
            "layers": [3, 4, 5],
            "kernel": [3, 5],
            "dense": [128, 256, 512],
        },
        "augment": {"scale": {"low": 0.0, "high": 0.3}, "rotate_degrees": {"low": 0.0, "high": 40.0}},
    },
    "deep-embedding": {
        "learning_rate": {"low": 1e-4, "high": 1e-2, "log": True},
        "label_weight": {"low": 0.1, "high": 2.0, "log": True},
        "triplet_margin": {"low": 0.1, "high": 1.0},
        "net": {"dropout": {"low": 0.0, "high": 0.6}},
    },
    "lenet": {
        "learning_rate": {"low": 1e-3, "high": 0.2, "log": True},
        "batch_size": [32, 64, 128],
        "sigma": {"low": 0.5, "high": 4.0},
    },
}
"""Where no file says otherwise; every other preset has learning rate, width of the labels and dropout."""


def default_space(preset: str, *, backbone: str | None = None) -> Space:
    """Return what is searched of a preset where no file is given; of another `backbone` than its own, no shape."""
    space = _parse(DEFAULTS.get(preset, _EVERY), where="default")
    if backbone is None or backbone in SHAPED:
        return space
    of_shape = {f"net.{key}" for key in SHAPE}
    return {name: one for name, one in space.items() if name not in of_shape}


def read_space(path: Path) -> Space:
    """Return the search of a TOML file; raise BadInputFile or SettingsError with every fault."""
    remedy = "give a TOML file with a table [search]"
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", remedy) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
        raise BadInputFile(path, f"is no TOML ({fault})", remedy) from None
    if not isinstance(content.get("search"), dict) or not content["search"]:
        raise BadInputFile(path, "has no table [search] with a setting", remedy)
    return _parse(content["search"], where=str(path))


def _parse(search: Mapping[str, Any], *, where: str) -> Space:
    faults: list[str] = []
    space: Space = {}
    for key, asked in search.items():
        inner = asked if key in TABLES and isinstance(asked, Mapping) else {key: asked}
        table = key if inner is asked else "pretrain"
        known = {field.name for field in dataclasses.fields(TABLES[table])}
        for name, value in inner.items():
            at = f"{where} [search{'' if inner is not asked else '.' + table}]"
            if name not in known:
                faults.append(f"{at}: no setting '{name}' in {table}; {suggest(name, known)}")
                continue
            one = _dimension(value)
            if isinstance(one, str):
                faults.append(f"{at}: '{name}' {one}")
            else:
                space[f"{table}.{name}"] = one
    if faults:
        raise SettingsError(faults)
    return dict(sorted(space.items()))


def _dimension(value: Any) -> Range | Choices | str:
    """Return the range or the choices, or what is wrong with them."""
    if isinstance(value, Mapping) and set(value) == {"choices"}:
        value = value["choices"]
    if isinstance(value, list):
        if not value or not all(isinstance(one, str | int | float | bool) for one in value):
            return "needs a list of some words or numbers"
        return Choices(tuple(value))
    if not isinstance(value, Mapping) or not {"low", "high"} <= set(value) <= _BOUNDS:
        return "needs a list, or { low = .., high = .. } with log = true or step = .. if wanted"
    low, high, step = value["low"], value["high"], value.get("step")
    numbers = [low, high] if step is None else [low, high, step]
    if not all(isinstance(one, int | float) and not isinstance(one, bool) and math.isfinite(one) for one in numbers):
        return "needs numbers"
    if low >= high or (value.get("log") and (low <= 0 or step is not None)) or (step is not None and step <= 0):
        return "needs low below high, above 0 and without step where it is logarithmic"
    return Range(low, high, bool(value.get("log")), step)
