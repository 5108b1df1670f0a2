"""Fit how sure answers of each raw score are, and write crawler/taken_year/calibration.json.

    python -m benchmarks.fit_taken_year --dates ../shared/data/dates [--out FILE]

Only even rows are fitted, and of the Teenie Harris photos none whose accession number is in an odd row of the other
file. Their titles are read twice: as bare texts, and as titles of photos. Their captions are bare texts only: as
descriptions, all of one mould and nearly always right, they would make every photo's description look so. What came
of it on the odd rows is printed. To be run again when the rules change.
"""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from agegap.files import write_text
from benchmarks.logistic import fit_curve
from benchmarks.steps import ROOT, click_help
from benchmarks.taken_year_measures import Answer, calibration_error
from benchmarks.taken_year_sets import EXAMPLES, FLICKR, Case, read_cases
from crawler.taken_year import VERSION, PhotoText, extract_taken_year
from crawler.taken_year.calibration import AT_ITS_WORD, SUREST, Curve, kind_of

DEFAULT_OUT = ROOT / "crawler" / "taken_year" / "calibration.json"
TEENIE = ("teenie_title", "teenie_caption")

LEAST_ANSWERS = 60
"""Of a kind; with fewer it is taken at its word: 8 wrong of 39 on even rows were 3 of 42 on odd ones."""

FITTED = (*TEENIE, "cmoa_datetext", "tate_datetext", FLICKR, EXAMPLES)
_DIRECTORY = click.Path(exists=True, file_okay=False, path_type=Path)


@dataclass(frozen=True)
class Scored:
    """An answer with its raw score: by which kind of evidence, from which set and half, and whether it is right."""

    kind: str
    score: float
    is_right: bool
    set_name: str
    half: str


@click.command(help=click_help(__doc__))
@click.option("--dates", type=_DIRECTORY, required=True, help="Folder with the .jsonl files of true years.")
@click.option("--out", type=click.Path(path_type=Path), default=DEFAULT_OUT, help="Where the curves go.")
def main(*, dates: Path, out: Path) -> None:
    """Fit, write, and print the error before and after."""
    scored = list(score_all(dates))
    fitted = [one for one in scored if one.half == "tuning"]
    unseen = [one for one in scored if one.half == "unseen"]
    curves = fit_curves(fitted)
    write_text(out, json.dumps(describe(curves, fitted), indent=2, sort_keys=True) + "\n")
    print(f"{len(fitted)} answers of even rows fitted, {len(curves)} kinds; {out.name} written")
    print(f"expected calibration error of {len(unseen)} answers of odd rows, 10 equal-width bins:")
    print(f"  raw {_error(unseen, {}):.4f}, fitted {_error(unseen, curves):.4f}")
    for kind, count in Counter(one.kind for one in unseen).most_common():
        some = [one for one in unseen if one.kind == kind]
        print(f"  {kind:<18} {count:>5} answers: raw {_error(some, {}):.4f}, fitted {_error(some, curves):.4f}")


def score_all(dates: Path) -> Iterator[Scored]:
    """Yield the answers of all sets, less those of even rows whose photo stands in an odd row of the other file."""
    sets = {name: read_cases(dates, name) for name in FITTED}
    odd = {case.key for name in TEENIE for case in sets[name] if case.half == "unseen"}
    for name, cases in sets.items():
        for case in cases:
            if name in TEENIE and case.half == "tuning" and case.key in odd:
                continue
            for photo in _readings(name, case):
                taken = extract_taken_year(photo)
                if taken.year is not None:
                    kind = kind_of(source=taken.source, is_range=taken.precision == "range")
                    yield Scored(kind, taken.score, case.is_right(taken.year), name, case.half)


def _readings(name: str, case: Case) -> list[PhotoText]:
    return [case.photo, PhotoText(title=case.text)] if name == "teenie_title" else [case.photo]


def fit_curves(answers: Sequence[Scored]) -> dict[str, Curve]:
    """Return a curve for each kind of which there are enough answers."""
    kinds: dict[str, list[tuple[float, bool]]] = defaultdict(list)
    for one in answers:
        kinds[one.kind].append((one.score, one.is_right))
    return {kind: fit_curve(some) for kind, some in sorted(kinds.items()) if len(some) >= LEAST_ANSWERS}


def describe(curves: dict[str, Curve], fitted: Sequence[Scored]) -> dict[str, Any]:
    """Return what calibration.json holds: the curves, and where and when they come from."""
    rows = Counter((one.set_name, one.kind) for one in fitted)
    return {
        "fitted": f"{datetime.now(UTC):%Y-%m-%d}",
        "version": VERSION,
        "how": "logistic on even rows; python -m benchmarks.fit_taken_year",
        "data": [{"set": name, "kind": kind, "answers": count} for (name, kind), count in sorted(rows.items())],
        "curves": {kind: asdict(curve) for kind, curve in curves.items()},
    }


def _error(answers: Sequence[Scored], curves: dict[str, Curve]) -> float:
    def confidence(one: Scored) -> float:
        return min(SUREST, curves.get(one.kind, AT_ITS_WORD).at(one.score))

    return calibration_error([Answer(confidence(one), one.is_right) for one in answers])


if __name__ == "__main__":
    main()
