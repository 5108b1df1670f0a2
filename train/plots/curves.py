"""What went on while a run trained: the loss and its parts, and the looks at the validation split."""

from typing import Any

from train.plots.canvas import ACCENT, INK, SECOND, plot
from train.run_folder import PLOTS, RunFolder

LOSS_PARTS = ("label_kl", "expectation_l1", "entropy", "bounds", "translated")

VALIDATION = {
    "val_mae": ("MAE on the validation split", "years", ACCENT),
    "val_gap_mae": ("error of the age difference on held-out pairs", "years", SECOND),
}
"""Measures with a plot of their own: title, unit, colour."""


def draw_curves(run: RunFolder) -> None:
    """Write plots/loss.png and one plot for each validation measure there is."""
    lines = run.metrics()
    steps = [line for line in lines if line.get("kind") == "train"]
    looks = [line for line in lines if line.get("kind") == "validation"]
    folder = run.path / PLOTS
    folder.mkdir(exist_ok=True)
    if steps:
        _draw_loss(run, steps)
    for name, (title, unit, colour) in VALIDATION.items():
        points = [(line["step"], line[name]) for line in looks if name in line]
        if points:
            with plot(folder / f"{name}.png", title=f"{run.path.name}: {title}", x="step", y=unit) as axes:
                axes.plot(*zip(*points, strict=True), color=colour, marker="o", markersize=3.5, linewidth=1.6)
                axes.annotate(f"{points[-1][1]:.2f}", points[-1], textcoords="offset points", xytext=(0, 8), fontsize=9)
                axes.set_ylim(0, 1.15 * max(value for _, value in points) or 1.0)


def _draw_loss(run: RunFolder, steps: list[dict[str, Any]]) -> None:
    x = [line["step"] for line in steps]
    with plot(run.path / PLOTS / "loss.png", title=f"{run.path.name}: loss", x="step", y="nats, years for L1") as axes:
        axes.plot(x, [line["loss"] for line in steps], color=INK, linewidth=2.0, label="loss")
        for part in LOSS_PARTS:
            if part in steps[0]:
                axes.plot(x, [line[part] for line in steps], linewidth=1.1, label=part.replace("_", " "))
        axes.set_yscale("log")
        axes.legend(fontsize=8, frameon=False, loc="upper left", bbox_to_anchor=(1.0, 1.0))
