"""The folder of one stage: settings, metrics, plots, evaluation, checkpoint; and whether a second call may go on in it.

settings.json      what was asked, of which data, by which program
metrics.jsonl      one JSON line a group of steps ("train") or a look at the validation split ("validation")
plots/*.png
checkpoint.pt
evaluation.json    written by `train evaluate`
"""

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import agegap
from agegap.errors import BadInputFile, WrongUse
from agegap.files import remove_parts, write_json, write_text
from train.checkpoint import FILE, Checkpoint, load_checkpoint
from train.settings import AugmentSettings, FinetuneSettings, NetSettings, PretrainSettings

SETTINGS, METRICS, EVALUATION, PLOTS = "settings.json", "metrics.jsonl", "evaluation.json", "plots"

IDENTITY = ("stage", "net", "augment", "settings", "data", "start", "members", "mixing")
"""Keys of settings.json that must agree for a second call to go on in the folder."""

_UNLIKE = {"folder"}  # a dataset that moved is the same dataset: its manifest's hash says so


@dataclass(frozen=True)
class RunFolder:
    """An existing run folder."""

    path: Path

    @property
    def checkpoint(self) -> Path:
        """Where its checkpoint is, or will be."""
        return self.path / FILE

    def notes(self) -> dict[str, Any]:
        """Return settings.json; raise BadInputFile where it cannot be read."""
        try:
            notes = json.loads((self.path / SETTINGS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise BadInputFile(self.path / SETTINGS, "cannot be read", "give another --out, or delete it") from None
        return dict(notes)

    def write_notes(self, notes: Mapping[str, Any]) -> None:
        """Write settings.json anew."""
        write_json(self.path / SETTINGS, dict(notes))

    def append(self, line: Mapping[str, Any]) -> None:
        """Add one line to the metrics."""
        with (self.path / METRICS).open("a", encoding="utf-8") as handle:
            handle.write(json.dumps(line) + "\n")

    def metrics(self) -> list[dict[str, Any]]:
        """Return the lines of the metrics; a last line that a kill cut short is left out."""
        path = self.path / METRICS
        lines = []
        for text in path.read_text(encoding="utf-8").splitlines() if path.exists() else []:
            try:
                lines.append(dict(json.loads(text)))
            except ValueError:
                continue
        return lines

    def forget_after(self, step: int) -> None:
        """Drop the metrics of steps after `step`: they are about to be done again."""
        kept = "".join(json.dumps(line) + "\n" for line in self.metrics() if line["step"] <= step)
        path = self.path / METRICS
        if not path.exists() or path.read_text(encoding="utf-8") != kept:
            write_text(path, kept)


@dataclass(frozen=True)
class OpenedRun:
    """A run folder that is ready: new, or to go on from `checkpoint`."""

    folder: RunFolder
    notes: dict[str, Any]
    checkpoint: Checkpoint | None


def open_run(path: Path, notes: Mapping[str, Any]) -> OpenedRun:
    """Make the run folder `path`, or open it to go on; `notes` is the content of its settings.json.

    Raises WrongUse where the folder holds a run with other settings or data, or something else altogether.
    """
    folder = RunFolder(path)
    if path.exists() and not path.is_dir():
        raise WrongUse(f"{path} is a file; give a folder to write the run to")
    if (path / SETTINGS).exists():
        earlier = folder.notes()
        differs = _first_difference(earlier, json.loads(json.dumps(notes)))
        if differs:
            raise WrongUse(f"{path} holds a run with {differs}; run with its settings to go on, or give another folder")
        remove_parts(path)
        checkpoint = load_checkpoint(folder.checkpoint) if folder.checkpoint.exists() else None
        folder.forget_after(checkpoint.step if checkpoint else -1)
        return OpenedRun(folder, earlier, checkpoint)
    if path.exists() and any(not child.name.startswith(".") for child in path.iterdir()):
        raise WrongUse(f"{path} is not empty and holds no run; give another folder")
    path.mkdir(parents=True, exist_ok=True)
    folder.write_notes(notes)
    return OpenedRun(folder, dict(notes), None)


def data_of(several: Iterable[Mapping[str, Any]]) -> dict[str, list[Any]]:
    """Return by use all data that the runs of several settings.json learned from, each once."""
    data: dict[str, list[Any]] = {}
    for notes in several:
        for use, found in (notes.get("data") or {}).items():
            known = data.setdefault(use, [])
            known += [one for one in (found if isinstance(found, list) else [found]) if one not in known]
    return data


def preset_of(several: Iterable[Mapping[str, Any]]) -> str | None:
    """Return the preset of the runs of several settings.json; None where they are of none, or of more than one."""
    presets = {str(notes["preset"]) for notes in several if notes.get("preset")}
    return presets.pop() if len(presets) == 1 else None


def code_version() -> dict[str, str | None]:
    """Return the version of agegap and, in a checkout, its commit."""
    home = Path(agegap.__file__).resolve().parent.parent
    commit = None
    if (home / ".git").exists():
        asked = ["git", "-C", str(home), "rev-parse", "HEAD"]
        try:
            answer = subprocess.run(asked, capture_output=True, text=True, check=False, timeout=10)
        except (OSError, subprocess.TimeoutExpired):
            return {"agegap": agegap.__version__, "commit": None}
        commit = answer.stdout.strip() or None
    return {"agegap": agegap.__version__, "commit": commit}


def _first_difference(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> str | None:
    """Return "key = old, not new" of the first identity key that differs."""
    before = _flat({key: earlier.get(key) for key in IDENTITY} | _with_new_settings(earlier))
    after = _flat({key: now.get(key) for key in IDENTITY})
    for key in sorted(before.keys() | after.keys()):
        if before.get(key) != after.get(key):
            return f"{key} = {before.get(key)}, not {after.get(key)}"
    return None


def _with_new_settings(earlier: Mapping[str, Any]) -> dict[str, Any]:
    """Return the tables of an earlier run with the settings that came later: what it did is their default."""
    of_stage = FinetuneSettings if earlier.get("stage") == "finetune" else PretrainSettings
    tables = {"net": NetSettings, "augment": AugmentSettings, "settings": of_stage}
    known = {key: asdict(cls()) for key, cls in tables.items()}
    return {key: {**known[key], **earlier[key]} for key in tables if isinstance(earlier.get(key), Mapping)}


def _flat(value: Any, name: str = "") -> dict[str, Any]:
    if isinstance(value, Mapping):
        items = [(f"{name}.{key}" if name else str(key), one) for key, one in value.items() if key not in _UNLIKE]
    elif isinstance(value, list):
        items = [(f"{name}[{place}]", one) for place, one in enumerate(value)]
    else:
        return {name: value}
    flat: dict[str, Any] = {}
    for key, one in items:
        flat |= _flat(one, key)
    return flat
