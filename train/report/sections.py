"""The parts of a run's page, each from what `train evaluate` and training wrote."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agegap.html import Html, element
from train.evaluation.said_table import SaidTable
from train.report.drawings import bars, lines, scatter
from train.report.markup import figure, section, table, tile

MOST_DOTS = 1500
"""Dots of the scatter plot: more hide each other and cost 60 bytes each."""

_MOST_STEPS = 300  # points of a curve: the drawing is 420 wide


def head_tiles(measured: Mapping[str, Any]) -> Html:
    """Return the figures everybody asks for first."""
    sure = measured.get("confidence", {})

    def between(name: str, form: str) -> str:
        return f"95 %: {sure[name][0]:{form}} to {sure[name][1]:{form}}" if name in sure else ""

    held = measured["coverage90"]
    tiles = [
        tile(f"{measured['mae']:.2f}", "mean absolute error, years", between("mae", ".2f")),
        tile(f"{measured['cs5']:.1%}", "within 5 years", between("cs5", ".0%")),
        tile(f"{measured['bias']:+.2f}", "bias, years", between("bias", "+.2f")),
        tile(
            "-" if held is None else f"{held:.1%}",
            "ages inside the 90 % interval",
            f"{measured['mean_interval_width']:.1f} years wide",
        ),
        tile(str(measured["count"]), "faces", f"of {measured.get('people', '?')} people"),
    ]
    if measured.get("epsilon_error") is not None:
        tiles.append(tile(f"{measured['epsilon_error']:.4f}", "ε-error", f"{measured['epsilon_faces']} rated faces"))
    return element("div", tiles, class_="tiles")


def errors(measured: Mapping[str, Any], said: SaidTable) -> Html:
    """Return the plots and tables of the error."""
    decades = measured["per_decade"]
    shown = np.random.default_rng(0).permutation(len(said))[:MOST_DOTS]
    dots = [(float(said.age[row]), float(said.said[row])) for row in sorted(shown)]
    score = [(float(years), share) for years, share in measured["cs"].items()]
    curve = measured["calibration"]["curve"]
    hits = [(0.0, 0.0), *((int(level) / 100, share) for level, share in curve.items()), (1.0, 1.0)]
    error = measured["calibration"]["calibration_error"]
    return section(
        "Errors",
        element(
            "div",
            [
                figure("Said against true age", scatter(dots, x_name="true age", y_name="age said")),
                figure(
                    "Error by true age",
                    bars(
                        {name: one["mae"] for name, one in decades.items()},
                        {name: one["bias"] for name, one in decades.items()},
                        y_name="years",
                        names=("mean absolute error", "bias"),
                    ),
                ),
                figure("CS(n): faces within n years", lines({"CS": score}, x_name="years", y_name="share")),
                figure(
                    "Do intervals hold what they promise?",
                    lines({"held": hits}, x_name="promised", y_name="held", diagonal=True),
                    f"on average {error:.1%} off; above the line they are too wide, below too narrow",
                ),
            ],
            class_="plots wide",
        ),
        table(
            ["true age", "faces", "MAE", "bias"],
            [[name, str(one["count"]), f"{one['mae']:.2f}", f"{one['bias']:+.2f}"] for name, one in decades.items()],
        ),
        note=f"Whole people are drawn again and again for the 95 % intervals; test split '{measured['split']}'.",
    )


def readings(measured: Mapping[str, Any]) -> Html:
    """Return the table of other ways to read the same distributions."""
    rows = [
        ["expected age (the one said)", f"{measured['mae']:.3f}"],
        ["median", f"{measured['mae_of_median']:.3f}"],
        ["likeliest age", f"{measured['mae_of_likeliest']:.3f}"],
    ]
    levels = [
        [f"{name} %", f"{one['coverage']:.1%}", f"{one['width']:.1f}"]
        for name, one in measured["calibration"]["levels"].items()
    ]
    scores = [[f"CS({years})", f"{share:.1%}"] for years, share in measured["cs"].items()]
    return section(
        "Readings",
        element(
            "div",
            [
                table(["age said", "MAE"], rows),
                table(["interval", "held", "years wide"], levels),
                table(["within", "share"], scores),
            ],
            class_="plots",
        ),
    )


def groups(measured: Mapping[str, Any]) -> Iterator[Html]:
    """Yield a section for each set of age groups: exact, one-off and who is taken for whom."""
    for name, found in measured["groups"].items():
        if not found:
            continue
        scores = [
            [words, f"{found[way]['exact']:.1%}", f"{found[way]['one_off']:.1%}"]
            for way, words in (
                ("expected", "expected age; in a gap = wrong"),
                ("nearest", "expected age; in a gap = nearest group"),
                ("native", "group with most mass"),
            )
        ]
        matrix = [
            [label, *(_heat(count, sum(row)) for count in row), str(sum(row))]
            for label, row in zip(found["labels"], found["confusion"], strict=True)
        ]
        left_out = f", {found['left_out']} with an age in a gap left out" if found["left_out"] else ""
        yield section(
            f"Age groups: {name}",
            table(["read as", "exact", "one-off"], scores),
            table(["true \\ said", *found["labels"], "faces"], matrix),
            note=f"{found['count']} faces{left_out}; percent of each row, by the group with most mass",
        )


def _heat(count: int, whole: int) -> Html:
    share = round(100 * count / whole) if whole else 0
    return element("span", f"{share}" if count else "", style=f"--h:{min(share, 85)}", class_="heat")


def training(metrics: Sequence[Mapping[str, Any]]) -> Html | None:
    """Return the curves of the losses and of the looks at the validation split; None where there are none."""
    drawn = []
    steps = [line for line in metrics if line.get("kind") == "train"]
    if steps:
        names = [name for name in steps[0] if name == "loss" or name in _LOSS_PARTS]
        curves = {name: _curve(steps, name) for name in names}
        shown = lines({name: points for name, points in curves.items() if points}, x_name="step", y_name="loss")
        drawn.append(figure("Loss and its parts", shown))
    looks = [line for line in metrics if line.get("kind") == "validation"]
    for name, title in _LOOKS.items():
        if points := _curve(looks, name):
            drawn.append(figure(title, lines({name: points}, x_name="step", y_name="years")))
    return section("Training", element("div", drawn, class_="plots wide")) if drawn else None


_LOSS_PARTS = ("label_kl", "expectation_l1", "entropy", "bounds", "translated", "cross_entropy", "triplet")
_LOOKS = {"val_mae": "MAE on the validation split", "val_gap_mae": "Error of the difference on held-out pairs"}


def _curve(entries: Sequence[Mapping[str, Any]], name: str) -> list[tuple[float, float]]:
    found = [(float(line["step"]), float(line[name])) for line in entries if isinstance(line.get(name), int | float)]
    stride = max(1, len(found) // _MOST_STEPS)
    return found[::stride] + ([found[-1]] if found and (len(found) - 1) % stride else [])


def origins(measured: Mapping[str, Any], notes: Mapping[str, Any]) -> Html:
    """Return where the figures come from: data with hashes, program, weights, all settings."""
    rows: list[list[str | Html]] = [_data_row("test", measured["test"])]
    for use, found in sorted((notes.get("data") or {}).items()):
        rows += [
            _data_row(use, one) for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)
        ]
    facts = {
        "weights": str(measured["weights_sha256"])[:16],
        "program": " ".join(str(notes.get(key)) for key in ("agegap", "commit") if notes.get(key)),
        "torch": notes.get("torch"),
        "machine": ", ".join(f"{key} {value}" for key, value in (notes.get("machine") or {}).items()),
        "seed": notes.get("seed"),
        "interval factor": measured.get("interval_scale"),
    }
    shown = [[name, str(value)] for name, value in facts.items() if value not in (None, "")]
    settings = {key: notes[key] for key in ("net", "augment", "settings") if notes.get(key)}
    text = json.dumps(settings, indent=1, sort_keys=True, ensure_ascii=False)
    return section(
        "Where this comes from",
        table(["data", "folder", "faces", "pairs", "manifest sha256"], rows),
        table(["made by", ""], shown),
        element("details", element("summary", "all settings"), element("pre", text)),
    )


def _data_row(use: str, one: Mapping[str, Any]) -> list[str | Html]:
    sha256 = element("code", str(one.get("manifest_sha256", ""))[:16])
    return [use, Path(str(one.get("folder", ""))).name, str(one.get("faces")), str(one.get("pairs")), sha256]
