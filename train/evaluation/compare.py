"""Runs side by side, and whether one is better than another by more than chance.

Differences are taken face by face over the faces both runs were measured on, and resampled by whole people.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agegap.errors import WrongUse
from agegap.files import write_text
from agegap.html import element
from train.evaluation.measures.people import PairedDoubt, paired_doubt
from train.evaluation.measures.whole import confidence
from train.evaluation.metrics import evaluate_ages
from train.evaluation.said_table import PREDICTIONS, SaidTable, read_said
from train.report.drawings import lines
from train.report.markup import figure, section, table
from train.report.page import page, read_evaluation

_LEAST_RUNS = 2


@dataclass(frozen=True, eq=False)
class Compared:
    """One run: its figures on the shared faces and how it differs from the first run; None for the first itself."""

    run: Path
    measured: dict[str, Any]
    confidence: dict[str, list[float]]
    mae_difference: PairedDoubt | None
    cs5_difference: PairedDoubt | None


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several runs on the faces they share, and what to be careful about."""

    runs: tuple[Compared, ...]
    faces: int
    people: int
    warnings: tuple[str, ...]

    def shown(self) -> dict[str, Any]:
        """Return the comparison as the command prints it."""
        return {
            "faces": self.faces,
            "people": self.people,
            "warnings": list(self.warnings),
            "runs": {name: _shown(one) for name, one in zip(names_of(self), self.runs, strict=True)},
        }


def compare(runs: Sequence[Path]) -> Comparison:
    """Compare evaluated run folders, each with the first; raise WrongUse where there is one only or no shared face.

    Raises BadInputFile for a folder that was not evaluated.
    """
    if len(runs) < _LEAST_RUNS:
        raise WrongUse("compare needs at least two run folders")
    evaluations = [read_evaluation(run) for run in runs]
    tables = [read_said(run / PREDICTIONS) for run in runs]
    tests = [(one["test"]["manifest_sha256"], one["split"]) for one in evaluations]
    warnings = []
    if len(set(tests)) > 1:
        told = ", ".join(f"{run.name}: {one['count']} faces" for run, one in zip(runs, evaluations, strict=True))
        warnings.append(f"the runs were measured on different test sets ({told}); only the faces they share count here")
    shared = _shared(tables)
    if not len(shared[0]):
        raise WrongUse("the runs were measured on faces of which none is shared; evaluate them on one folder")
    if any((one.age != shared[0].age).any() for one in shared[1:]):
        warnings.append("the same faces have other ages in another test set: each run is measured against its own")
    first = shared[0]
    compared = [
        Compared(
            run=run,
            measured=dict(evaluate_ages(said.age, said.said, said.low, said.high)),
            confidence=confidence(said),
            mae_difference=None if said is first else _difference(first, said, lambda one: np.abs(one.said - one.age)),
            cs5_difference=None
            if said is first
            else _difference(first, said, lambda one: (np.abs(one.said - one.age) <= 5).astype(float)),
        )
        for run, said in zip(runs, shared, strict=True)
    ]
    return Comparison(tuple(compared), len(first), int(first.people.max()) + 1, tuple(warnings))


def names_of(comparison: Comparison) -> list[str]:
    """Return a name for each run: the folder's, with its parent's where two folders are called alike."""
    plain = [one.run.resolve() for one in comparison.runs]
    alike = len({path.name for path in plain}) < len(plain)
    names = [f"{path.parent.name}/{path.name}" if alike else path.name for path in plain]
    return [name if names.count(name) == 1 else f"{name} ({place})" for place, name in enumerate(names, start=1)]


def table_of(comparison: Comparison) -> str:
    """Return the comparison as lines of text, columns under each other."""
    lines_of = [list(_HEAD), *_rows(comparison)]
    widths = [max(len(row[at]) for row in lines_of) for at in range(len(_HEAD))]
    body = [
        "  ".join(
            cell.ljust(width) if not at else cell.rjust(width)
            for at, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in lines_of
    ]
    return "\n".join([f"{comparison.faces} shared faces of {comparison.people} people", *body])


def write_comparison(path: Path, comparison: Comparison) -> None:
    """Write the comparison as one page that needs no other file."""
    names = names_of(comparison)
    decades = list(dict.fromkeys(name for one in comparison.runs for name in one.measured["per_decade"]))
    by_age = [[decade, *(_mae_of(one, decade) for one in comparison.runs)] for decade in sorted(decades, key=_start_of)]
    curves = {
        name: [
            (float(_start_of(decade)), one.measured["per_decade"][decade]["mae"])
            for decade in sorted(one.measured["per_decade"], key=_start_of)
        ]
        for name, one in zip(names, comparison.runs, strict=True)
    }
    parts = [
        *(element("p", words, class_="warn") for words in comparison.warnings),
        section(
            "Figures",
            table(_HEAD, _rows(comparison)),
            note=f"On {comparison.faces} shared faces of {comparison.people} people; the intervals draw whole people.",
        ),
        section(
            "By age",
            element(
                "div",
                figure("MAE by decade of true age", lines(curves, x_name="age", y_name="years")),
                class_="plots wide",
            ),
            table(["true age", *names], by_age),
        ),
    ]
    write_text(path, page(f"{len(names)} runs side by side", ", ".join(names), parts))


_HEAD = ("run", "MAE (95 %)", "CS(5)", "bias", "90 % interval", "MAE against the first (95 %)", "p")


def _rows(comparison: Comparison) -> list[list[str]]:
    rows = []
    for name, one in zip(names_of(comparison), comparison.runs, strict=True):
        sure, figures = one.confidence["mae"], one.measured
        mae = f"{figures['mae']:.2f} ({sure[0]:.2f} to {sure[1]:.2f})"
        shares = (f"{figures['cs5']:.1%}", f"{figures['bias']:+.2f}", f"{figures['coverage90']:.1%}")
        rows.append([name, mae, *shares, *_words(one.mae_difference)])
    return rows


def _shared(tables: Sequence[SaidTable]) -> list[SaidTable]:
    """Return each table with the faces that all have, in one order."""
    places = [{key: row for row, key in enumerate(one.keys)} for one in tables]
    keys = sorted(set.intersection(*(set(one) for one in places)))
    return [
        said.at(np.array([place[key] for key in keys], dtype=np.int64))
        for said, place in zip(tables, places, strict=True)
    ]


def _difference(first: SaidTable, other: SaidTable, measure: Any) -> PairedDoubt:
    return paired_doubt(measure(first), measure(other), first.people)


def _shown(one: Compared) -> dict[str, Any]:
    figures = {name: value for name, value in one.measured.items() if name not in ("per_decade", "count")}
    differs = {
        f"{name}_against_first": {"value": found.value, "low": found.low, "high": found.high, "p": found.p}
        for name, found in (("mae", one.mae_difference), ("cs5", one.cs5_difference))
        if found is not None
    }
    decades = {name: row["mae"] for name, row in one.measured["per_decade"].items()}
    return {**figures, "mae_95": one.confidence["mae"], **differs, "mae_per_decade": decades}


def _words(found: PairedDoubt | None) -> tuple[str, str]:
    if found is None:
        return "-", "-"
    return f"{found.value:+.2f} ({found.low:+.2f} to {found.high:+.2f})", f"{found.p:.4f}"


def _mae_of(one: Compared, decade: str) -> str:
    row = one.measured["per_decade"].get(decade)
    return f"{row['mae']:.2f}" if row else "-"


def _start_of(decade: str) -> int:
    return int(decade.split("-")[0])
