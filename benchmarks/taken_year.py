"""How well and how fast taken years are read, beside other packages, on dates whose truth nobody here wrote.

    python -m benchmarks.taken_year --dates ../shared/data/dates [--peers] [--json]

A point is right when it lies in the truth's years. Even rows were tuned on ("tuning"), odd rows only scored
("unseen"). The texts are read as they are, without a word on where they come from.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from benchmarks.steps import click_help
from benchmarks.taken_year_measures import (
    Answer,
    Score,
    calibration_error,
    equal_bins,
    pair_error,
    precision_by_coverage,
)
from benchmarks.taken_year_peers import PEERS, reader_of, score_peer
from benchmarks.taken_year_sets import FLICKR, SETS, TEXT_SETS, Case, halves, read_cases
from benchmarks.taken_year_speed import measure_hostile, measure_longest, measure_speed
from crawler.taken_year import VERSION, TakenYear, extract_taken_year

CALIBRATED = ("teenie_title", "teenie_caption", "cmoa_datetext", "tate_datetext", FLICKR)
"""Sets of the calibration error: texts of photos and archives. The tables of other libraries' tests are no sample."""

_PEER_S = 12.0
_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True)
class Read:
    """A row and its answer."""

    case: Case
    taken: TakenYear

    def answer(self) -> Answer | None:
        """Return the answer as a point, None where no year was given."""
        year = self.taken.year
        if year is None:
            return None
        off = 0
        if self.case.has_truth:
            off = max(0, year - self.case.last) - max(0, self.case.first - year)
        return Answer(self.taken.confidence, self.case.is_right(year), off)


@click.command(help=click_help(__doc__))
@click.option("--dates", type=_DIRECTORY, required=True, help="Folder with the .jsonl files of true years.")
@click.option("--peers", is_flag=True, help="Score the other packages too (several minutes).")
@click.option("--peer-seconds", default=_PEER_S, show_default=True, help="CPU time each of them has for each set.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of tables.")
def main(*, dates: Path, peers: bool, peer_seconds: float, as_json: bool) -> None:
    """Measure and print."""
    cases = {name: read_cases(dates, name) for name in SETS}
    result = measure(cases)
    if peers:
        result["peers"] = measure_peers(cases, limit_s=peer_seconds)
    if as_json:
        click.echo(json.dumps(result))
    else:
        print_tables(result)


def measure(cases: dict[str, list[Case]]) -> dict[str, Any]:
    """Return all figures of this package on the sets."""
    reads = {name: [Read(case, extract_taken_year(case.photo)) for case in some] for name, some in cases.items()}
    unseen = [one for name in CALIBRATED for one in reads[name] if one.case.half == "unseen"]
    points = points_of(unseen)
    return {
        "version": VERSION,
        "sets": {name: _set_figures(name, some) for name, some in reads.items()},
        "calibration_error": {
            "unseen": calibration_error(points),
            "unseen_equal_count": calibration_error(points, equal_count=True),
            "each": {name: calibration_error(points_of(_half(reads[name], "unseen"))) for name in CALIBRATED},
            "bins": [asdict(part) for part in equal_bins(points)],
        },
        "precision_by_coverage": [asdict(part) for part in precision_by_coverage(points, len(unseen))],
        "pair_error": {name: pair_error(points_of(_half(reads[name], "unseen"))) for name in ("teenie_title", FLICKR)},
        "speed": {name: asdict(measure_speed([case.photo for case in cases[name]])) for name in _TIMED},
        "longest_ms": measure_longest(),
        "hostile_10kb_ms": measure_hostile(),
    }


_TIMED = ("teenie_caption", FLICKR)
"""Captions of 560 bytes with five years each, and records as a crawl brings them."""


def points_of(reads: Sequence[Read]) -> list[Answer]:
    """Return the answers that are a year."""
    return [answer for one in reads if (answer := one.answer()) is not None]


def score(reads: Sequence[Read]) -> Score:
    """Return points, right ones, and rows with a truth."""
    points = points_of(reads)
    return Score(len(points), sum(one.is_right for one in points), sum(one.case.has_truth for one in reads))


def _half(reads: Sequence[Read], half: str) -> list[Read]:
    return [one for one in reads if one.case.half == half]


def _set_figures(name: str, reads: Sequence[Read]) -> dict[str, Any]:
    by_case = {id(one.case): one for one in reads}
    return {
        half: _figures(name, [by_case[id(case)] for case in some]) for half, some in halves([one.case for one in reads])
    }


def _figures(name: str, reads: Sequence[Read]) -> dict[str, Any]:
    found = score(reads)
    figures: dict[str, Any] = {
        "rows": len(reads),
        "points": found.points,
        "precision": found.precision,
        "recall": found.recall,
        "coverage": found.points / max(1, len(reads)),
    }
    if name in ("cmoa_datetext", "edtf_natlang"):
        figures["exact_interval"] = _share(
            [(one.taken.year_min, one.taken.year_max) == _truth(one.case) for one in reads]
        )
    if name == "edtf_natlang":
        figures["exact_edtf"] = _share([one.taken.edtf == one.case.edtf for one in reads])
    if name == "teenie_title":
        held = [one for one in reads if one.case.holds_truth]
        figures["answered_of_held"] = _share([(answer := one.answer()) is not None and answer.is_right for one in held])
    return figures


def _truth(case: Case) -> tuple[int | None, int | None]:
    known = case.has_truth
    return (case.first if known and case.first > -10_000 else None, case.last if known and case.last < 10_000 else None)


def _share(flags: Sequence[bool]) -> float | None:
    return sum(flags) / len(flags) if flags else None


def measure_peers(cases: dict[str, list[Case]], *, limit_s: float) -> dict[str, Any]:
    """Return what each installed peer reaches on each set of texts; None for those that are not installed."""
    found: dict[str, Any] = {}
    for peer in PEERS:
        read = reader_of(peer)
        if read is None:
            found[peer.name] = None
            continue
        found[peer.name] = {}
        for name in (*TEXT_SETS, FLICKR):
            outcome = score_peer(read, cases[name], limit_s=limit_s)
            found[peer.name][name] = {
                "precision": outcome.score.precision,
                "recall": outcome.score.recall,
                "finished": outcome.finished,
                "rows": outcome.rows,
                "per_s": outcome.finished / max(outcome.cpu_s, 1e-9),
            }
    return found


def print_tables(result: dict[str, Any]) -> None:
    """Print the figures as tables."""
    print(f"taken year, rules of version {result['version']}: precision / recall of points")
    print(f"{'set':<22}{'all':>18}{'tuning half':>18}{'unseen half':>18}  besides (unseen half)")
    for name, by_half in result["sets"].items():
        cells = "".join(
            f"{_cell(by_half[half]['precision'])} / {_cell(by_half[half]['recall'])}".rjust(18) for half in by_half
        )
        print(f"{name:<22}{cells}  {_besides(by_half['unseen'])}")
    error = result["calibration_error"]
    print(
        f"\nexpected calibration error, unseen halves, 10 equal-width bins: {error['unseen']:.4f}, "
        f"10 bins of equally many answers (below): {error['unseen_equal_count']:.4f}"
    )
    print("  " + ", ".join(f"{name} {share:.4f}" for name, share in error["each"].items()))
    for part in error["bins"]:
        print(f"  {part['count']:>6} answers say {part['mean_confidence']:.3f}, {part['share_right']:.3f} are right")
    print("\nprecision by coverage, unseen halves")
    for part in result["precision_by_coverage"]:
        print(f"  confidence >= {part['least']:.2f}: {part['coverage']:.3f} of rows, precision {part['precision']:.4f}")
    wrong = ", ".join(f"{name} {_cell(share)}" for name, share in result["pair_error"].items())
    print(f"\nP(difference of two years off by more than 1), unseen halves: {wrong}")
    print("\nspeed, CPU time of one core")
    for name, speed in result["speed"].items():
        print(
            f"  {name}: {speed['per_s']:,.0f}/s ({speed['mean_bytes']:.0f} bytes), "
            f"p50 {speed['p50_ms']:.3f} ms, p99 {speed['p99_ms']:.3f} ms"
        )
    for name, times in result["longest_ms"].items():
        print(f"  250 kB, 500 kB, 1 MB of {name}: {', '.join(f'{ms:.1f}' for ms in times)} ms")
    print(f"  slowest of the hostile 10 kB texts: {result['hostile_10kb_ms']:.1f} ms")
    if "peers" in result:
        _print_peers(result["peers"])


def _print_peers(peers: dict[str, Any]) -> None:
    print("\npeers: precision / recall (rows a second) on the rows they finished")
    for name, sets in peers.items():
        if sets is None:
            print(f"  {name}: not installed, skipped (pip install 'agegap[bench-dates]')")
            continue
        print(f"  {name}")
        for set_name, row in sets.items():
            rows = "" if row["finished"] == row["rows"] else f", {row['finished']} of {row['rows']} rows"
            print(
                f"    {set_name:<18} {_cell(row['precision'])} / {_cell(row['recall'])} ({row['per_s']:,.0f}/s{rows})"
            )


def _besides(figures: dict[str, Any]) -> str:
    names = {
        "exact_interval": "exact interval",
        "exact_edtf": "exact EDTF",
        "answered_of_held": "of titles that hold it",
    }
    told = [f"{words} {_cell(figures[key])}" for key, words in names.items() if key in figures]
    return ", ".join([f"{figures['points']} points of {figures['rows']} rows", *told])


def _cell(share: float | None) -> str:
    return "none" if share is None else f"{share:.3f}"


if __name__ == "__main__":
    main()
