"""MODEL_CARD.md of a run: what it is, what it learned from and under which licences, how wrong it is and for whom.

After Mitchell et al., Model Cards for Model Reporting (FAT* 2019). Every figure is read from the run's files.
"""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agegap.files import write_text
from dataset.store import MANIFEST
from train.run_folder import EVALUATION, SETTINGS

if TYPE_CHECKING:
    from train.model import Model

CARD = "MODEL_CARD.md"

_USE = """\
Meant for research on age estimation, for sorting a person's own photos and for statistics over many faces. It says how
old a face looks to a net that learned from the data above, as an expected age with a 90 % interval.

Not meant for deciding about a single person: not for access, policing, hiring, insurance, asylum or the protection of
minors. Being off by ten years is common (see below), more so for ages, looks and cameras the data hold few of. It knows
nothing of whether a person agreed to be photographed: who runs it on photos of people answers for that.
"""


def write_card(folder: Path, model: "Model") -> Path:
    """Write MODEL_CARD.md beside the evaluation.json of a run folder; return its path."""
    measured = _read(folder / EVALUATION)
    write_text(folder / CARD, "\n".join(_lines(folder, model, measured)) + "\n")
    return folder / CARD


def _lines(folder: Path, model: "Model", measured: Mapping[str, Any]) -> Iterator[str]:
    notes = model.notes
    yield f"# {folder.name}: an age estimator\n"
    yield f"{model.name}, trained by the stage `{model.stage}`" + (
        f" of the preset `{notes['preset']}`." if notes.get("preset") else "."
    )
    yield "\n## Learned from\n"
    yield "| data | faces | pairs | licences | manifest sha256 |\n|---|---|---|---|---|"
    yield from dict.fromkeys(_data_row(use, one) for use, one in _data(notes))
    if members := notes.get("members"):
        parts = zip(members, notes.get("parts", []), strict=False)
        hashes = ", ".join(f"`{str(one['weights_sha256'])[:16]}` ({part:.0%})" for one, part in parts)
        yield f"\nIts weights are the mean of the weights of {len(members)} runs: {hashes}."
    start = notes.get("start") or {}
    if start.get("weights_sha256"):
        told = "whose data are among the above" if _start_notes(notes) else "whose data this program does not know"
        yield f"\nBegun from the weights `{str(start['weights_sha256'])[:16]}`, {told}."
    yield "\n## Intended use and limits\n"
    yield _USE
    yield from _figures(measured)
    yield "\n## Made by\n"
    made = {
        "weights sha256": model.weights_sha256,
        "agegap": notes.get("agegap"),
        "commit": notes.get("commit"),
        "torch": notes.get("torch"),
        "machine": ", ".join(f"{key} {value}" for key, value in (notes.get("machine") or {}).items()) or None,
        "seed": notes.get("seed"),
        "crop": json.dumps(dict(model.crop)),
    }
    yield "| | |\n|---|---|"
    yield from (f"| {key} | {_cell(value)} |" for key, value in made.items() if value is not None)
    settings = {key: notes[key] for key in ("net", "augment", "settings") if notes.get(key)}
    yield f"\n## Settings\n\n```json\n{json.dumps(settings, indent=1, sort_keys=True)}\n```"


def _figures(measured: Mapping[str, Any]) -> Iterator[str]:
    if "mae" not in measured:
        yield "## How wrong it is\n\nNot measured: run `train evaluate`."
        return
    test, sure = measured["test"], measured.get("confidence", {})
    low, high = sure.get("mae", (float("nan"), float("nan")))
    yield "## How wrong it is\n"
    yield f"On {measured['count']} faces of {measured['people']} people of `{_name(test['folder'])}`"
    yield f"(split {measured['split']}, manifest `{test['manifest_sha256'][:16]}`):"
    yield f"mean absolute error {measured['mae']:.2f} years (95 % interval over people {low:.2f} to {high:.2f}),"
    yield f"{measured['cs5']:.0%} within 5 years, bias {measured['bias']:+.2f} years;"
    width = measured["mean_interval_width"]
    yield f"the 90 % interval held {measured['coverage90']:.0%} of the ages, {width:.0f} years wide on average."
    yield "\n| true age | faces | mean absolute error | bias |\n|---|---|---|---|"
    for decade, one in measured["per_decade"].items():
        yield f"| {decade} | {one['count']} | {one['mae']:.2f} | {one['bias']:+.2f} |"
    few = [decade for decade, one in measured["per_decade"].items() if one["count"] < _FEW]
    if few:
        yield f"\nFewer than {_FEW} faces were of the ages {', '.join(few)}: their figures say little."
    yield "\nNot measured: differences by sex, skin colour or origin, where the data do not say them."


_FEW = 30  # faces: with fewer a decade's MAE is unsure by more than a sixth of itself


def _data(notes: Mapping[str, Any], *, steps: int = 0) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield the data of a run and of those whose weights it began with: their licences bind this net too."""
    for use, found in sorted((notes.get("data") or {}).items()):
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, Mapping):
                yield use, one
    if steps < _MOST_STEPS and notes:
        yield from _data(_start_notes(notes), steps=steps + 1)


def _start_notes(notes: Mapping[str, Any]) -> dict[str, Any]:
    """Return settings.json of the run it began with; empty for a file of weights and for a run that is gone."""
    start = (notes.get("start") or {}).get("folder")
    if not start:
        return {}
    place = Path(str(start))
    return _read((place if place.is_dir() else place.parent) / SETTINGS)


_MOST_STEPS = 20  # runs one after the other; a folder that names itself must not keep us for ever


def _data_row(use: str, one: Mapping[str, Any]) -> str:
    folder = Path(str(one.get("folder", "")))
    manifest = _read(folder / MANIFEST)
    licences = "not known: the folder is gone" if not manifest else _licences(manifest)
    sha256 = str(one.get("manifest_sha256", ""))[:16]
    return f"| {use}: {_cell(folder.name)} | {one.get('faces')} | {one.get('pairs')} | {_cell(licences)} | `{sha256}` |"


def _licences(manifest: Mapping[str, Any]) -> str:
    parts = []
    for site, counts in sorted((manifest.get("licences") or {}).items()):
        terms = (manifest.get("licence_terms") or {}).get(site, {})
        told = ", ".join(f"{terms.get(code, {}).get('name', code)}: {count}" for code, count in counts.items())
        parts.append(f"{site} ({told})")
    return "; ".join(parts) or "not stated"


def _name(folder: object) -> str:
    return Path(str(folder)).name  # a card is shared: where things lie on this machine is nobody's business


def _cell(value: object) -> str:
    return str(value).replace("|", "\\|").replace("\n", " ")


def _read(path: Path) -> dict[str, Any]:
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return {}
