"""Presets: whole systems as one TOML file each, and the settings that a run is made of.

A preset's tables take the place of the defaults; agegap.toml, the environment and `--set` go over it. A preset may be
a schedule of steps, each begun with the weights of the one before, and an ensemble of members with a schedule each:

    about = "..."                  # one line for `train presets`
    [net] [augment] [pretrain] [finetune]
    [geometric]                    # no net at all: hand-made features (train/geometric)
    [[schedule]]                   # name, stage, labelled, and tables that go over those above; `from`: the step it
                                   # begins with, if not the one before; a soup: `of`, `shares` or `choose_within`
    [[member]]                     # name, tables, and [[member.schedule]] where it is not the preset's
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, TypeVar

from agegap.errors import SettingsError, UnknownName, WrongUse, suggest
from agegap.settings import load_settings
from train.backbones import SHAPED
from train.geometric.settings import GeometricSettings
from train.settings import AugmentSettings, FinetuneSettings, NetSettings, PretrainSettings

S = TypeVar("S")

DEFAULT_PRESET = "age-timelines"

TABLES = ("net", "augment", "pretrain", "finetune", "geometric")
"""Tables of a preset, each a section [train.<table>] of agegap.toml too."""

StageName = Literal["pretrain", "finetune", "soup"]
Labelled = Literal["all", "first", "last", "between"] | tuple[int, ...]

_FOLDER = Path(__file__).parent / "presets"

_CLASSES = NetSettings().classes


@dataclass(frozen=True)
class Recipe:
    """All settings of a run, and, of a preset with steps or members, all settings of each of those."""

    preset: str
    net: NetSettings
    augment: AugmentSettings
    pretrain: PretrainSettings
    finetune: FinetuneSettings
    # What the system is, in one line.
    about: str = ""
    # Which published weights the system begins with, "" where it needs none.
    expects_weights: str = ""
    # How the answers of the members become one: a method of train.fusion.
    fusion: str = "average"
    schedule: tuple["Step", ...] = ()
    members: tuple["Member", ...] = ()
    # Of a preset of hand-made features, which trains no net; else None.
    geometric: GeometricSettings | None = None

    @property
    def steps(self) -> tuple["Step", ...]:
        """Return every step of every member, or those of the schedule."""
        return tuple(step for member in self.members for step in member.schedule) if self.members else self.schedule

    @property
    def needs_pairs(self) -> bool:
        """Say whether a stage learns from pairs; a preset without a schedule pre-trains and then learns from them."""
        if self.geometric is not None:
            return False
        return any(step.stage == "finetune" for step in self.steps) if self.steps else True


@dataclass(frozen=True)
class Step:
    """One stage of a schedule, which of the labelled folders it reads, and all its settings."""

    name: str
    stage: StageName
    labelled: Labelled
    recipe: Recipe
    # The step whose net it begins with; "": the one before.
    begins_with: str = ""
    # Of a soup: the steps whose weights are averaged, and how much each counts (empty: all the same).
    of: tuple[str, ...] = ()
    shares: tuple[float, ...] = ()
    # Of a soup that chooses its shares on held-out pairs: what it may lose on labelled faces, in years.
    choose_within: float | None = None

    def chosen(self, folders: Sequence[Path]) -> list[Path]:
        """Return the labelled folders it reads of those given; where its own are not among them, all."""
        if self.labelled == "all" or not folders:
            return list(folders)
        if self.labelled == "first":
            return [folders[0]]
        if self.labelled == "last":
            return [folders[-1]]
        places = range(1, len(folders) - 1) if self.labelled == "between" else self.labelled
        return [folders[place] for place in places if place < len(folders)] or list(folders)


@dataclass(frozen=True)
class Member:
    """One net of an ensemble, trained by a schedule of its own."""

    name: str
    schedule: tuple[Step, ...]


def needs_net(recipe: Recipe) -> Recipe:
    """Return `recipe`; raise WrongUse where it is of a system without a net."""
    if recipe.geometric is not None:
        raise WrongUse(f"preset {recipe.preset} trains no net; use `train run {recipe.preset}`")
    return recipe


def preset_names() -> list[str]:
    """Return the presets there are."""
    return sorted(path.stem for path in _FOLDER.glob("*.toml"))


def read_preset(preset: str) -> dict[str, Any]:
    """Return the tables of a preset; raise UnknownName."""
    if preset not in preset_names():
        raise UnknownName("preset", preset, preset_names())
    return tomllib.loads((_FOLDER / f"{preset}.toml").read_text(encoding="utf-8"))


def load_recipe(
    preset: str, *, typed: Mapping[str, Mapping[str, Any]] | None = None, net: NetSettings | None = None
) -> Recipe:
    """Return the settings of `preset` with what was `typed` (table to key to value) over them.

    `net`, the net of a checkpoint, takes the place of the preset's. What was typed holds for every step and member.
    Raises UnknownName for a preset, SettingsError with every fault of every table.
    """
    tables = read_preset(preset)
    if net is not None:
        tables["net"] = asdict(net)

    def settings_of(*layers: Mapping[str, Any]) -> Recipe:
        return _settings(preset, [tables, *layers], typed or {})

    def steps_of(asked: Sequence[Mapping[str, Any]], *layers: Mapping[str, Any]) -> tuple[Step, ...]:
        return tuple(
            Step(
                *(one["name"], one["stage"], _labelled(one.get("labelled", "all")), settings_of(*layers, one)),
                begins_with=one.get("from", ""),
                of=tuple(one.get("of", ())),
                shares=tuple(one.get("shares", ())),
                choose_within=one.get("choose_within"),
            )
            for one in asked
        )

    schedule = tables.get("schedule", [])
    return replace(
        settings_of(),
        about=tables.get("about", ""),
        expects_weights=tables.get("expects_weights", ""),
        fusion=tables.get("fusion", "average"),
        schedule=steps_of(schedule),
        members=tuple(
            Member(one["name"], steps_of(one.get("schedule", schedule), one)) for one in tables.get("member", [])
        ),
    )


def _labelled(asked: Any) -> Labelled:
    return tuple(asked) if isinstance(asked, list) else asked


def _settings(preset: str, layers: Sequence[Mapping[str, Any]], typed: Mapping[str, Mapping[str, Any]]) -> Recipe:
    """Return the settings that the tables of `layers`, each over the one before, and what was typed come to."""
    faults: list[str] = []

    def read(table: str, cls: type[S]) -> S | None:
        base = {key: value for layer in layers for key, value in layer.get(table, {}).items()}
        try:
            return load_settings(f"train.{table}", cls, base=base, flags=typed.get(table))
        except SettingsError as error:
            faults.extend(error.faults)
            return None

    of_net, of_augment = read("net", NetSettings), read("augment", AugmentSettings)
    of_pretrain, of_finetune = read("pretrain", PretrainSettings), read("finetune", FinetuneSettings)
    of_geometric = None
    if any("geometric" in layer for layer in layers):
        of_geometric = read("geometric", GeometricSettings)
    elif typed.get("geometric"):
        faults.append(f"preset {preset} trains a net; 'geometric' settings are those of preset geometric")
    if of_net is not None and of_pretrain is not None:
        of_net, nonsense = _fitting(of_net, of_pretrain)
        faults += nonsense
    if of_net is None or of_augment is None or of_pretrain is None or of_finetune is None or faults:
        raise SettingsError(faults)
    about = layers[0]
    return Recipe(
        *(preset, of_net, of_augment, of_pretrain, of_finetune),
        expects_weights=about.get("expects_weights", ""),
        geometric=of_geometric,
    )


def _fitting(net: NetSettings, pretrain: PretrainSettings) -> tuple[NetSettings, list[str]]:
    """Return the net with as many classes as it has bins, and what does not go together."""
    faults = []
    if pretrain.mixup and pretrain.triplet_weight:
        faults.append("pretrain: 'mixup' blends ages that 'triplet_weight' ranks; set one of them to 0")
    if net.shape and net.backbone not in SHAPED:
        faults.append(f"net: {', '.join(net.shape)}: the shape of {net.backbone} is fixed; leave them out")
    if not net.bins:
        return net, faults
    from train.bins import bins_named

    count = len(bins_named(net.bins))
    if net.classes not in (_CLASSES, count):
        faults.append(
            f"net: 'classes' {net.classes} does not fit the {count} groups of bins '{net.bins}'; leave it out"
        )
    return replace(net, classes=count), faults


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
