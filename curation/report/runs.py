"""The section of a report about a training run: its evaluation, its metrics, its plots.

Files only, and only those that are there: a run that is still going on has no evaluation yet. Siblings do not import
each other, so the names of a run folder's files are written down here a second time; ARCHITECTURE.md has them.
"""

import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from agegap.html import Html, element
from curation.report.html import Section, section
from curation.report.plots import line

METRICS, EVALUATION = "metrics.jsonl", "evaluation.json"
STAGES = ("pretrain", "finetune")
"""Order of the sub-folders that `train run` makes; others follow by name."""

HEADLINES = {
    "mae": "MAE, years",
    "cs5": "CS(5)",
    "median_error": "median error",
    "bias": "bias",
    "coverage90": "90 % interval covers",
    "count": "faces",
}
SHARES = frozenset({"cs5", "coverage90"})
"""Of 1, shown in percent."""

_MOST_CURVES = 4
_LEAST_POINTS = 3  # below it a curve shows nothing


@dataclass(frozen=True)
class Stage:
    """A folder with a run's files."""

    name: str
    folder: Path
    evaluation: Mapping[str, Any]


def stages_of(run: Path) -> list[Stage]:
    """Return the stages of a run folder: itself and its sub-folders, those that hold anything.

    Raises BadInputFile when there is no such folder.
    """
    if not run.is_dir():
        raise BadInputFile(run, "there is no such run folder", "give the --out of a `train` command")
    folders = sorted(
        (child for child in run.iterdir() if child.is_dir()),
        key=lambda child: (STAGES.index(child.name) if child.name in STAGES else len(STAGES), child.name),
    )
    return [
        Stage(folder.name if folder != run else run.resolve().name, folder, _read_json(folder / EVALUATION))
        for folder in (run, *folders)
        if (folder / METRICS).is_file() or (folder / EVALUATION).is_file()
    ]


def run_section(run: Path, stages: list[Stage], *, out: Path, number: int) -> Section:
    """Return the section of one run; its PNG plots are copied to `out`/runs/`number`/."""
    parts = []
    for stage in stages:
        images = _copy_plots(stage.folder, out / "runs" / str(number) / stage.name, out)
        curves = _curves(stage.folder / METRICS) if not images else []
        parts.append(
            element(
                "article",
                element("h3", stage.name),
                _headlines(stage.evaluation),
                element("div", [*images, *curves], class_="plots"),
                _per_decade(stage.evaluation),
            )
        )
    note = None if parts else "The folder holds neither metrics nor an evaluation yet."
    return section(f"Training: {run.resolve().name}", parts, note=note, anchor=f"run-{number}")


def _headlines(evaluation: Mapping[str, Any]) -> Html | None:
    tiles = [
        tile(
            label,
            f"{100 * value:.1f} %" if key in SHARES else f"{value:.2f}" if isinstance(value, float) else str(value),
        )
        for key, label in HEADLINES.items()
        if isinstance(value := evaluation.get(key), int | float)
    ]
    return element("div", tiles, class_="tiles") if tiles else None


def tile(label: str, value: str) -> Html:
    """Return one figure with its name."""
    return element("div", element("b", value), element("span", label), class_="tile")


def _per_decade(evaluation: Mapping[str, Any]) -> Html | None:
    decades = evaluation.get("per_decade")
    rows = [
        element(
            "tr",
            [
                element("td", text)
                for text in (str(decade), str(of.get("count", of.get("n", ""))), _short(of.get("mae")))
            ],
        )
        for decade, of in (decades.items() if isinstance(decades, Mapping) else ())
        if isinstance(of, Mapping)
    ]
    if not rows:
        return None
    head = element("tr", [element("th", name) for name in ("age", "faces", "MAE")])
    return element("details", element("summary", "error by decade of age"), element("table", head, rows))


def _short(value: object) -> str:
    return f"{value:.2f}" if isinstance(value, int | float) else ""


def _copy_plots(folder: Path, target: Path, out: Path) -> list[Html]:
    images = []
    for source in sorted([*folder.glob("*.png"), *folder.glob("plots/*.png")]):
        target.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(source, target / source.name)
        address = (target / source.name).relative_to(out).as_posix()
        title = source.stem.replace("_", " ").replace("-", " ")
        image = element("img", src=address, alt=title, loading="lazy")
        images.append(element("figure", element("figcaption", title), image, class_="plot"))
    return images


def _curves(path: Path) -> list[Html]:
    """Return curves of the metrics, where the trainer drew none: errors before losses before the rest."""
    series: dict[str, list[tuple[float, float]]] = {}
    for number, row in enumerate(_read_lines(path)):
        step = row.get("step", number)
        kind = next((value for value in row.values() if isinstance(value, str)), "")
        for key, value in row.items():
            if key not in {"step", "epoch"} and _is_number(value) and _is_number(step):
                series.setdefault(f"{kind} {key}".strip(), []).append((float(step), float(value)))
    names = sorted((name for name in series if len(series[name]) >= _LEAST_POINTS), key=_rank_of_curve)
    return [line(name, series[name]) for name in names[:_MOST_CURVES]]


def _rank_of_curve(name: str) -> tuple[int, str]:
    return (0 if "mae" in name else 1 if "loss" in name else 2), name


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")


def _read_lines(path: Path) -> list[dict[str, Any]]:
    try:
        texts = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    rows = []
    for text in texts:
        try:
            row = json.loads(text)
        except ValueError:  # the last line of a run that is being written
            continue
        if isinstance(row, dict):
            rows.append(row)
    return rows


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}
