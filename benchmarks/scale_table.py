"""The table at the end of `benchmarks/scale.py`, and what more photos would cost by it."""

from collections.abc import Mapping, Sequence
from typing import Any

FLAT = 0.9
"""Least rate of the last tenth, of that of the first."""

ORDER = ("crawl", "years", "faces", "dedupe", "pairs", "export", "stats")
LARGER = (10_000_000, 100_000_000)
_HEAD = ("stage", "rows", "CPU-s", "CPU ms a photo", "wall s", "last / first tenth, CPU", "wall", "peak MB",
         "MB at 20 %", "MB at the end", "bytes a row")  # fmt: skip


def table_of(known: Mapping[str, Any]) -> str:
    """Return the stages as Markdown, then the disk, then the cost of more."""
    photos = int(known["plan"]["photos"])
    stages = {name: known["stages"][name] for name in ORDER if name in known["stages"]}
    rows = [_HEAD, *(_row(name, stage, photos) for name, stage in stages.items())]
    disk = list(stages.values())[-1]["disk_bytes"]
    cost = [("photos", "CPU-hours", "disk, TB"), *(_cost(stages, disk, photos, many) for many in LARGER)]
    slow = [name for name, stage in stages.items() if stage["cpu_share"] is not None and stage["cpu_share"] < FLAT]
    verdict = f"slower at the end than {FLAT:.0%} of the beginning: {', '.join(slow)}" if slow else "no stage slows"
    sizes = [
        ("what", "MB", "kB a photo"),
        *((n, f"{s / 1e6:,.0f}", f"{s / 1e3 / photos:.1f}") for n, s in disk.items()),
    ]
    return "\n\n".join([_markdown(rows), verdict, _markdown(sizes), _markdown(cost)])


def _row(name: str, stage: Mapping[str, Any], photos: int) -> Sequence[str]:
    return (
        name,
        f"{stage['rows']:,}" if stage["rows"] else "-",
        f"{stage['cpu_s']:,.1f}",
        f"{1000 * stage['cpu_s'] / photos:.2f}",
        f"{stage['wall_s']:,.0f}",
        *(_number(stage[key], "{:.2f}") for key in ("cpu_share", "wall_share")),
        *(_number(stage[key], "{:,.0f}") for key in ("peak_mb", "memory_first_mb", "memory_last_mb", "bytes_a_row")),
    )


def _cost(stages: Mapping[str, Any], disk: Mapping[str, int], photos: int, many: int) -> Sequence[str]:
    """Return what `many` photos would cost if each costs what one cost here."""
    hours = sum(stage["cpu_s"] for stage in stages.values()) / 3600
    return (f"{many:,}", f"{hours * many / photos:,.0f}", f"{sum(disk.values()) * many / photos / 1e12:.2f}")


def _number(value: float | None, form: str) -> str:
    return "-" if value is None else form.format(value)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join([lines[0], "|---" * len(rows[0]) + "|", *lines[1:]])
