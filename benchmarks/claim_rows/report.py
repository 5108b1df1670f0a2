"""From conditions to the printed table and the JSON: the same numbers twice."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from benchmarks.claim_rows.conditions import Condition
from benchmarks.claim_rows.measures import measure, p_value

HEAD = (
    f"{'':36} {'MAE':>6} {'95 % interval':>15} {'bias':>6} {'in 90 %':>8} {'photos':>6} {'people':>6} {'folds':>5}"
    f" {'p':>8} {'UTKFace':>8}"
)
TUNED = 0
"""The fold on whose people settings were chosen; the others are told apart from it."""


@dataclass(frozen=True)
class Line:
    """One line of the table: a condition, and the one it is compared with where there is one."""

    condition: Condition
    against: Condition | None = None


def text_of(title: str, lines: Sequence[Line]) -> str:
    """Return the table of a row as text."""
    return "\n".join([title, HEAD, *(_text(line) for line in lines)])


def json_of(lines: Sequence[Line]) -> list[dict[str, Any]]:
    """Return the table of a row for machines, and what each fold gave."""
    return [_numbers(line) for line in lines]


def _numbers(line: Line) -> dict[str, Any]:
    condition = line.condition
    content: dict[str, Any] = {"name": condition.name, "folds": sorted(condition.unseen)}
    if condition.failed:
        content["failed"] = {str(fold): why for fold, why in condition.failed.items()}
    if not condition.unseen:
        return content
    content |= asdict(measure(condition.joined(condition.unseen)))
    content["mae_by_fold"] = {str(fold): float(one.errors.mean()) for fold, one in sorted(condition.unseen.items())}
    untuned = [fold for fold in condition.unseen if fold != TUNED]
    if untuned:
        content["mae_of_folds_not_tuned_on"] = measure(condition.joined(untuned)).mae
    common = sorted(set(condition.unseen) & set(line.against.unseen)) if line.against else []
    if line.against is not None and common:
        before, after = line.against.joined(common), condition.joined(common)
        content["against"] = line.against.name
        content["gain"] = float(before.errors.mean() - after.errors.mean())
        content["p"] = p_value(before, after)
    if condition.utkface:
        content["utkface_mae"] = float(np.mean([one.errors.mean() for one in condition.utkface.values()]))
    return content


def _text(line: Line) -> str:
    numbers = _numbers(line)
    name = f"{numbers['name']:36}"
    if "mae" not in numbers:
        return f"{name} {'collapsed' if 'failed' in numbers else 'not yet trained'}"
    interval = f"{numbers['low']:.2f} to {numbers['high']:.2f}"
    row = (
        f"{name} {numbers['mae']:6.2f} {interval:>15} {numbers['bias']:+6.2f} {100 * numbers['coverage']:7.1f}%"
        f" {numbers['photos']:6} {numbers['people']:6} {len(numbers['folds']):5}"
    )
    row += f" {numbers['p']:8.4f}" if "p" in numbers else " " * 9
    row += f" {numbers['utkface_mae']:8.2f}" if "utkface_mae" in numbers else ""
    return row.rstrip() + (f"  ({len(numbers['failed'])} collapsed)" if "failed" in numbers else "")
