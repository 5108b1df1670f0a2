"""From candidates to one answer: limits first, then the strongest kind of evidence, then agreement and conflict.

Explicit words of taking beat captions, captions beat events, tags and the clocks of machines (annotation guideline).
Two dates of the same rank that differ give an interval and no year.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from crawler.taken_year.records import Candidate, Precision, TakenYear
from crawler.taken_year.score import score_of
from crawler.taken_year.verdict import DATING_ROLES, WEAK

TIERS = ("taken", "date_field", "embedded", "text", "event", "tags", "clock", "file_name", "relative")
"""From strong to weak; the first tier that holds an accepted candidate decides."""

_FINENESS: dict[Precision, int] = {"day": 0, "month": 1, "year": 2, "circa": 3, "range": 4}
_SCANNED_BEFORE_UPLOAD = 3  # years at most between a scan and its upload
_SUREST = 0.995  # evidence in words is never certain
_OLDER_THAN_CLOCK = 2  # years by which a caption may be older than the camera's clock without it being a scan
_CONFLICT_PENALTY = 0.04

_FIELDS = {"date_text": "date_field", "iptc": "embedded", "xmp": "embedded"}

Reason = Literal[
    "no date in any field",
    "only dates of other things",
    "the evidence is too weak for one year",
    "dates of the same rank differ",
    "the words give an interval, not a year",
]
"""Why there is no year; a closed set, so that runs can count them. `explain` has the details."""


@dataclass(frozen=True)
class Limits:
    """Hard limits of an answer: first and last possible year, and what is known of a scan."""

    earliest: int
    latest: int
    birth_year: int | None = None
    death_year: int | None = None
    stated_death: int | None = None
    """Year of death that the texts state: a machine's date after it is that of a reproduction."""
    scan_from: int | None = None
    """Year from which a machine's date is that of the scan; None where nothing speaks of one."""
    clock_years: frozenset[int] = frozenset()
    """Years that EXIF and the site's own date tell."""


def tier_of(candidate: Candidate) -> str:
    """Return the tier of an accepted candidate."""
    if candidate.source in _FIELDS:
        return _FIELDS[candidate.source] if candidate.role == "taken" else "clock"
    if candidate.role in ("taken", "event", "relative"):
        return "tags" if candidate.source == "tags" else candidate.role
    if candidate.source in ("tags", "file_name"):
        return candidate.source
    return "clock" if candidate.source in ("exif", "date_taken") else "text"


def apply_limits(found: Sequence[Candidate], limits: Limits) -> list[Candidate]:
    """Return `found` with everything outside the limits rejected and ranges cut to them."""
    return [_limited(candidate, limits) for candidate in found]


def _limited(candidate: Candidate, limits: Limits) -> Candidate:
    if not candidate.accepted:
        return candidate
    middle_or_first = _middle(candidate) if candidate.precision == "circa" else candidate.year_min
    last = middle_or_first if candidate.precision == "circa" else candidate.year_max
    if middle_or_first > limits.latest:
        return replace(candidate, accepted=False, why="after the upload")
    if last < limits.earliest:
        return replace(candidate, accepted=False, why="before photography")
    if limits.birth_year is not None and last < limits.birth_year:
        return replace(candidate, accepted=False, why="before the subject was born")
    tier = tier_of(candidate)
    is_machine = tier in ("clock", "embedded")
    if limits.scan_from is not None and last >= limits.scan_from and is_machine and _is_of_scan(tier, last, limits):
        return replace(candidate, role="digitised", accepted=False, why="digitised: the image is a scan")
    if limits.death_year is not None and middle_or_first > limits.death_year:
        role = "digitised" if is_machine else candidate.role
        return replace(candidate, role=role, accepted=False, why="after the subject died")
    if limits.stated_death is not None and middle_or_first > limits.stated_death and is_machine:
        return replace(candidate, role="digitised", accepted=False, why="digitised: after the stated death")
    if candidate.precision == "range":
        first = max(candidate.year_min, limits.earliest, limits.birth_year or 0)
        last = min(candidate.year_max, limits.latest, limits.death_year or limits.latest)
        if (first, last) != (candidate.year_min, candidate.year_max):
            return replace(candidate, year_min=first, year_max=last)
    return candidate


def _is_of_scan(tier: str, year: int, limits: Limits) -> bool:
    # An archivist writes the print's own date into the file; a scanner writes the day of the scan, as its clock has it.
    return tier == "clock" or year in limits.clock_years or year >= limits.latest - _SCANNED_BEFORE_UPLOAD


def _middle(candidate: Candidate) -> int:
    return (candidate.year_min + candidate.year_max) // 2


def decide(found: Sequence[Candidate], limits: Limits) -> TakenYear:
    """Return the answer of candidates to which the limits were applied."""
    tiers: dict[str, list[Candidate]] = {}
    for candidate in found:
        if candidate.accepted:
            tiers.setdefault(tier_of(candidate), []).append(candidate)
    if not tiers:
        return nothing(_why_nothing(found))
    for tier in TIERS:
        if tier in tiers:
            group = _finest(tiers[tier])
            best = _merge(group)
            if best is None:
                return _conflict(group)
            tags = tiers.get("tags") if tier in ("text", "event") else None
            if tags and (odd := _odd_tags(best, tags, limits)):
                return _conflict([best, *odd])
            best = _narrowed(best, tiers, tier)
            return _answer(best, found, tiers, limits)
    return nothing(_why_nothing(found))


@lru_cache(maxsize=16)
def nothing(reason: Reason) -> TakenYear:
    """Return the answer "unknown" with its reason."""
    return TakenYear(None, None, None, None, 0.0, None, None, None, reason)


def _overlap(first: Candidate, second: Candidate) -> bool:
    return first.year_min <= second.year_max and second.year_min <= first.year_max


def _merge(group: Sequence[Candidate]) -> Candidate | None:
    if len(group) == 1 and group[0].year_min <= group[0].year_max:
        return group[0]
    best = min(group, key=lambda c: (c.year_max - c.year_min, _FINENESS[c.precision]))
    first, last = max(c.year_min for c in group), min(c.year_max for c in group)
    if first > last:
        return None
    if (first, last) == (best.year_min, best.year_max):
        return best
    return replace(best, year_min=first, year_max=last, precision="range" if first < last else "year")


def _finest(group: list[Candidate]) -> list[Candidate]:
    # "Festival 2008, photographed 3 May 2007": where dates differ, a whole date beats a bare year beside it.
    if _merge(group) is not None:
        return group
    best = min(_FINENESS[c.precision] for c in group)
    finest = [c for c in group if _FINENESS[c.precision] == best]
    if best > _FINENESS["month"] or _merge(finest) is None:
        return group
    return [replace(c, confidence=c.confidence - _CONFLICT_PENALTY) for c in finest]


def _odd_tags(best: Candidate, tags: Sequence[Candidate], limits: Limits) -> list[Candidate]:
    # A tag of the upload's own year is about the upload; any other year that no tag contradicts is a conflict.
    if any(_overlap(best, tag) for tag in tags):
        return []
    return [tag for tag in tags if tag.year_max < limits.latest - 1]


def _narrowed(best: Candidate, tiers: dict[str, list[Candidate]], tier: str) -> Candidate:
    if best.precision != "range" or len(tiers) == 1:
        return best
    for lower in TIERS[TIERS.index(tier) + 1 : -1]:
        group = tiers.get(lower)
        merged = _merge(group) if group else None
        if merged is not None and merged.precision not in ("range", "circa"):
            inside = best.year_min <= merged.year_min and merged.year_max <= best.year_max
            return merged if inside else best
    return best


def _answer(
    best: Candidate, found: Sequence[Candidate], tiers: dict[str, list[Candidate]], limits: Limits
) -> TakenYear:
    is_range = best.precision == "range" and best.year_min != best.year_max
    year = None if is_range else _middle(best)
    precision: Precision = "year" if best.precision == "range" and not is_range else best.precision
    interval: Reason = "the words give an interval, not a year"
    share = 0.0 if year is None else _confidence(best, found, tiers)
    sign = "" if precision != "circa" else "?" if best.is_questioned else "~"
    return TakenYear(
        year=year,
        year_min=max(best.year_min, limits.earliest) if year is None or year >= limits.earliest else best.year_min,
        year_max=min(best.year_max, limits.latest),
        precision=precision,
        confidence=share,
        source=best.source,
        rule=f"{best.role}:{best.rule}",
        words=best.words,
        reason=interval if year is None else None,
        edtf=f"{year:04d}{sign}" if year is not None else None,
        score=score_of(share) if year is not None else 0.0,
    )


def _confidence(best: Candidate, found: Sequence[Candidate], tiers: dict[str, list[Candidate]]) -> float:
    voices = {c.source for c in found if (c.accepted or c.confidence >= WEAK) and _overlap(c, best)} - {best.source}
    doubt = (1.0 - best.confidence) * 0.5 ** len(voices)
    clocks = tiers.get("clock", ())
    if clocks and tier_of(best) != "clock" and all(c.year_max < best.year_min for c in clocks):
        doubt += _CONFLICT_PENALTY  # a photo cannot be younger than its file; the caption may be of something else
    return round(min(_SUREST, 1.0 - doubt), 3)


def _conflict(group: Sequence[Candidate]) -> TakenYear:
    differ: Reason = "dates of the same rank differ"
    return TakenYear(
        year=None,
        year_min=min(c.year_min for c in group),
        year_max=max(c.year_max for c in group),
        precision="range",
        confidence=0.0,
        source=group[0].source,
        rule="conflict",
        words=" | ".join(dict.fromkeys(c.words.strip() for c in group)),
        reason=differ,
    )


def _why_nothing(found: Sequence[Candidate]) -> Reason:
    if not found:
        return "no date in any field"
    is_weak = any(c.role in (*DATING_ROLES, "narrative") and c.confidence >= WEAK for c in found)
    return "the evidence is too weak for one year" if is_weak else "only dates of other things"
