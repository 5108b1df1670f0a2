"""The rows by name: what each trains, and which of its conditions is compared with which."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from benchmarks.claim_rows.ablations import ablations
from benchmarks.claim_rows.few_labels import COUNTS, Start, few_labels
from benchmarks.claim_rows.report import Line, json_of, text_of
from benchmarks.claim_rows.soups import soups
from benchmarks.claim_rows.transfer import three_nets, transfer, tuning
from benchmarks.claim_rows.utkface import utkface_folds
from benchmarks.claim_rows.workplace import Workplace


@dataclass(frozen=True)
class Row:
    """A finished row: its text, and its content for machines."""

    text: str
    content: dict[str, Any]


def of_transfer(where: Workplace, counts: Sequence[int]) -> Row:
    """Return row 2."""
    before, *others = transfer(where)
    lines = [Line(before), *(Line(one, before) for one in others)]
    return _row("UTKFace from scratch, then FG-NET pairs without an age", lines)


def of_three_nets(where: Workplace, counts: Sequence[int]) -> Row:
    """Return what the mean of three nets gives beside each of them."""
    first, *others = three_nets(where)
    return _row("Pairs, three nets", [Line(first), *(Line(one, first) for one in others)])


def of_soups(where: Workplace, counts: Sequence[int]) -> Row:
    """Return what the means of two fine-tunings give beside these; all are compared with the net as it begins."""
    before, *others = soups(where)
    return _row("The mean of two fine-tunings' weights", [Line(before), *(Line(one, before) for one in others)])


def of_tuning(where: Workplace, counts: Sequence[int]) -> Row:
    """Return what one choice of settings gives; settings are chosen on fold 0 alone."""
    before, after = tuning(where)
    return _row("Tuning", [Line(before), Line(after, before)])


def of_few_labels(start: Start) -> Callable[[Workplace, Sequence[int]], Row]:
    """Return the function of row 1 from one of its two starts."""

    def row(where: Workplace, counts: Sequence[int]) -> Row:
        found = few_labels(where, start, counts)
        bound = found["all labels"]
        lines, ways = [], {}
        for count in sorted(counts):
            without, with_pairs = found[f"L={count} labelled only"], found[f"L={count} with pairs"]
            lines += [Line(without), Line(with_pairs, without)]
            common = set(without.unseen) & set(with_pairs.unseen) & set(bound.unseen)
            if common:
                low, mid, high = (one.joined(common).errors.mean() for one in (bound, with_pairs, without))
                ways[str(count)] = float((high - mid) / (high - low))
        title = "The claim: few labelled people, the others as pairs, from " + (
            "scratch" if start == "scratch" else "the UTKFace net"
        )
        made = _row(title, [*lines, Line(bound)])
        ways_text = ", ".join(f"L={count} {100 * way:.0f} %" for count, way in ways.items())
        text = f"{made.text}\nshare of the way to all labels: {ways_text or 'not yet known'}"
        return Row(text, {**made.content, "share_of_the_way": ways})

    return row


def of_ablations(where: Workplace, counts: Sequence[int]) -> Row:
    """Return row 3; all are compared with as many steps without pairs."""
    found = ablations(where)
    none = next(one for one in found if one.name == "no pairs")
    return _row("Ablations", [Line(one, None if one is none else none) for one in found])


def of_utkface(where: Workplace, counts: Sequence[int]) -> Row:
    """Return row 5."""
    return _row("UTKFace, five folds, from scratch", [Line(one) for one in utkface_folds(where)])


ROWS: Mapping[str, Callable[[Workplace, Sequence[int]], Row]] = {
    "transfer": of_transfer,
    "soups": of_soups,
    "claim-scratch": of_few_labels("scratch"),
    "claim-utkface": of_few_labels("utkface"),
    "ablations": of_ablations,
    "utkface": of_utkface,
    "three-nets": of_three_nets,
    "tuning": of_tuning,
}
"""Every row, the most telling first."""

ALL_COUNTS = COUNTS


def _row(title: str, lines: Sequence[Line]) -> Row:
    return Row(text_of(title, lines), {"title": title, "lines": json_of(lines)})
