"""The whole baseline: measure, learn, and what it is worth on unseen faces."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from train.evaluation.evaluate import evaluate
from train.geometric.fit import fit_geometric
from train.geometric.settings import GeometricSettings
from train.presets import Recipe

_SHOWN = ("mae", "cs5", "median_error", "bias", "coverage90")


def run_geometric(out: Path, *, recipe: Recipe, labelled: Sequence[Path], test: Path) -> dict[str, Any]:
    """Fit in the run folder `out` itself and evaluate it; return the table. A finished run is only read."""
    settings = recipe.geometric or GeometricSettings()
    fitted = fit_geometric(labelled, out, settings=settings, preset=recipe.preset)
    measured = evaluate(fitted.run, test, redo=False)
    groups = measured["groups"].get(settings.groups) or {}
    return {
        "run": str(out),
        "preset": recipe.preset,
        "test_faces": measured["count"],
        "result": {name: measured[name] for name in _SHOWN},
        f"groups_{settings.groups}": groups.get("native"),
        "faces": dict(fitted.model.faces or {}),
        "landmarks": fitted.model.landmarks,
        "seconds": fitted.seconds,
    }
