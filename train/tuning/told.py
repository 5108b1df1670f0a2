"""What a search found: tune.json, best.toml for `--set` or agegap.toml, a page, and TensorBoard's own files."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agegap.files import write_json, write_text
from train.tuning.coordinates import Line, parallel_coordinates
from train.tuning.space import Space

if TYPE_CHECKING:
    from optuna.trial import FrozenTrial

RESULT, BEST, PAGE = "tune.json", "best.toml", "tune.html"


def write_told(out: Path, trials: Sequence["FrozenTrial"], space: Space, *, preset: str) -> dict[str, Any]:
    """Write the files of a study with at least one measured trial; return the content of tune.json."""
    told = [_told(one) for one in trials]
    measured = [one for one in told if one["state"] == "complete"]
    best = min(measured, key=lambda one: (one["val_mae"], one["trial"]))
    content = {
        "preset": preset,
        "trials": told,
        "measured": len(measured),
        "stopped": sum(one["state"] == "pruned" for one in told),
        "failed": sum(one["state"] == "fail" for one in told),
        "best": {**best, "set": [f"{name}={_plain(value)}" for name, value in best["values"].items()]},
    }
    write_json(out / RESULT, content)
    write_text(out / BEST, best_toml(best["values"], preset=preset, error=best["val_mae"]))
    write_text(out / PAGE, _page(content, space))
    from train.tuning.board import write_board

    for one in told:
        write_board(out / "tensorboard", one)
    return content


def best_toml(values: Mapping[str, Any], *, preset: str, error: float) -> str:
    """Return the values as sections of agegap.toml."""
    lines = [f"# Best of `train tune {preset}`: validation MAE {error:.3f} years. Sections of agegap.toml."]
    tables = sorted({name.partition(".")[0] for name in values})
    for table in tables:
        lines += ["", f"[train.{table}]"]
        lines += [f"{name.partition('.')[2]} = {_toml(value)}" for name, value in values.items() if _of(name, table)]
    return "\n".join(lines) + "\n"


def _told(trial: "FrozenTrial") -> dict[str, Any]:
    values = dict(sorted(trial.params.items()))
    seconds = trial.duration.total_seconds() if trial.duration else None
    return {
        "trial": trial.number,
        "run": f"trials/{trial.user_attrs['folder']}",
        "state": trial.state.name.lower(),
        "val_mae": trial.value,
        "epochs": len(trial.intermediate_values),
        "seconds": None if seconds is None else round(seconds, 1),
        "values": values,
        "reason": trial.user_attrs.get("reason"),
    }


def _page(content: Mapping[str, Any], space: Space) -> str:
    from agegap.html import element
    from train.report.markup import section, table, tile
    from train.report.page import page

    best, trials = content["best"], content["trials"]
    names = list(space)
    told = [one for one in trials if one["val_mae"] is not None]
    shown = [Line(one["values"], one["val_mae"], f"trial {one['trial']}") for one in told]
    order = sorted(trials, key=lambda one: (one["val_mae"] is None or one["state"] != "complete", one["val_mae"] or 0))
    rows = [
        [str(one["trial"]), _number(one["val_mae"]), one["state"], *(_number(one["values"].get(n)) for n in names)]
        for one in order
    ]
    tiles = [
        tile(f"{best['val_mae']:.2f}", "years validation MAE", f"trial {best['trial']}"),
        tile(str(content["measured"]), "trials measured", f"{content['stopped']} stopped, {content['failed']} failed"),
    ]
    use = " ".join(f"--set {one}" for one in best["set"])
    parts = [
        element("div", tiles, class_="tiles"),
        section(
            "Parallel coordinates",
            element("figure", parallel_coordinates(space, shown)),
            note="A line a trial, dark and thick where it errs little. Stopped ones are drawn at their last look.",
        ),
        section("Use it", element("pre", use), note="The same values are in best.toml as sections of agegap.toml."),
        section("Trials", table(["trial", "MAE", "state", *(name.partition(".")[2] for name in names)], rows)),
    ]
    return page(f"Search of {content['preset']}", f"{len(trials)} trials", parts)


def _of(name: str, table: str) -> bool:
    return name.partition(".")[0] == table


def _number(value: object) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _plain(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _toml(value: object) -> str:
    # Numbers, words and true or false are written alike in both.
    return json.dumps(value)
