"""One text to its dated candidates: find the marks, join spans, ask the rules in order."""

from collections.abc import Callable
from dataclasses import replace
from typing import get_args

from crawler.taken_year import captions, mentions, objects, things
from crawler.taken_year.clean import CleanText
from crawler.taken_year.context import Gap, context_of
from crawler.taken_year.look import Look, look_at
from crawler.taken_year.marks import Form, Mark, find_marks
from crawler.taken_year.memo import Decided, is_worth_it, key_of, recall, remember
from crawler.taken_year.records import Candidate, Precision
from crawler.taken_year.signs import is_beside_a_sign
from crawler.taken_year.spans import join_spans
from crawler.taken_year.verdict import CIRCA_WIDTH, DATING_ROLES, POINT_AT, Verdict
from crawler.taken_year.words import vocabulary

Rule = Callable[[Look], Verdict | None]

RULES: tuple[Rule, ...] = (
    things.is_identifier,
    things.is_address,
    things.is_copyright,
    captions.is_age,
    captions.is_film_still,
    captions.is_yearbook,
    objects.is_written_on_a_thing,
    things.is_nearest_cue,
    things.is_class_of,
    things.is_since,
    captions.is_one_sided,
    captions.is_span,
    mentions.is_recalled,
    mentions.is_of_goods,
    objects.is_object,
    captions.is_decade,
    captions.is_circa,
    mentions.is_postponed,
    captions.is_event,
    captions.is_narrative,
    captions.is_caption,
)
"""Asked in this order; the first that knows decides."""

_ONLY_FOR: dict[Rule, frozenset[str]] = {
    captions.is_age: frozenset({"decade", "decade_word"}),
    captions.is_film_still: frozenset({"year"}),
    captions.is_yearbook: frozenset({"year"}),
    things.is_address: frozenset({"year", "span"}),
    captions.is_span: frozenset({"span"}),
    captions.is_decade: frozenset({"decade", "decade_word", "open"}),
    captions.is_event: frozenset({"year", "apostrophe", "ocr"}),
    mentions.is_postponed: frozenset({"year"}),
}
"""Rules that know only some forms of dates; they are not asked about others."""

_RULES_OF: dict[str, tuple[Rule, ...]] = {
    form: tuple(rule for rule in RULES if form in _ONLY_FOR.get(rule, {form})) for form in get_args(Form)
}

_LONGEST_OF = 6  # letters: " aus "
_STORY_FIELDS = frozenset({"description", "page_text"})
_INTERVAL_RULES = frozenset({"span", "decade", "yearbook", "film_still", "postponed"})
_STORY_RULES = frozenset({"story_words", "life_event"})


def scan(text: CleanText, source: str, *, latest: int) -> list[Candidate]:
    """Return every date of a text as a candidate with its role, in order."""
    marks = find_marks(text.folded, latest=latest)
    if not marks:
        return []
    marks = join_spans(text.folded, marks)
    edges = [0, *(mark.end for mark in marks)]
    found: list[Candidate] = []
    gap: Gap | None = None
    is_known = is_worth_it(text)
    for index, mark in enumerate(marks):
        right_edge = marks[index + 1].start if index + 1 < len(marks) else len(text.folded)
        identifier = is_beside_a_sign(text, mark)
        if identifier is not None:
            found.append(_left_out(text, mark, identifier, source))
            continue
        key = key_of(text, mark, source, left_edge=edges[index], right_edge=right_edge) if is_known else None
        decided = recall(key) if key is not None else None
        if decided is not None:
            gap = None
            found.append(_candidate(text, mark, source, decided))
            continue
        context, gap = context_of(text, mark, left_edge=edges[index], right_edge=right_edge, gap=gap)
        decided = _judge(look_at(text, mark, context, source=source))
        if key is not None:
            remember(key, decided)
        found.append(_candidate(text, mark, source, decided))
    return _as_one_story(text, found) if len(found) > 1 else found


def _as_one_story(text: CleanText, found: list[Candidate]) -> list[Candidate]:
    if found[0].source in _STORY_FIELDS and any(c.rule in _STORY_RULES for c in found):
        # She left school in 1931, joined the mill in 1932: one verb is known, the years beside it are of the story too.
        return [
            replace(c, role="narrative", rule="story", accepted=False, why="narrative: story")
            if c.accepted and c.rule == "year"
            else c
            for c in found
        ]
    before = found[0]
    for index, candidate in enumerate(found):
        if before.role == "object" and candidate.accepted and candidate.start - before.end <= _LONGEST_OF:
            between = text.folded[before.end : candidate.start].split()
            if len(between) == 1 and vocabulary().of(between[0]) & {"of_lead", "filler"}:
                why = "object: goes on"  # Fiat 1100 del 1957
                found[index] = replace(candidate, role="object", rule="object_goes_on", accepted=False, why=why)
        before = found[index]
    return found


def _judge(look: Look) -> Decided:
    mark = look.mark
    for rule in _RULES_OF[mark.form]:
        verdict = rule(look)
        if verdict is not None:
            break
    assert verdict is not None  # the last rule always knows
    return _decided(look, verdict)


def _left_out(text: CleanText, mark: Mark, verdict: Verdict, source: str) -> Candidate:
    return Candidate(
        source, mark.start, mark.end, text.raw[mark.start : mark.end], mark.year_min, mark.year_max, mark.precision,
        verdict.role, verdict.rule, 0.0, accepted=False, why=f"{verdict.role}: {verdict.rule}",
    )  # fmt: skip


def _decided(look: Look, verdict: Verdict) -> Decided:
    mark = look.mark
    first = mark.year_min if verdict.year_min is None else verdict.year_min
    last = mark.year_max if verdict.year_max is None else verdict.year_max
    if verdict.role in ("taken", "event") and captions.is_approximate(look) and first == last:
        first, last = first - CIRCA_WIDTH, last + CIRCA_WIDTH
    precision = _precision(look, verdict, is_circa=(first, last) != (mark.year_min, mark.year_max))
    accepted = verdict.role in DATING_ROLES and verdict.confidence >= POINT_AT
    return Decided(
        first - mark.year_min,
        last - mark.year_max,
        precision,
        verdict.role,
        verdict.rule,
        verdict.confidence,
        accepted,
        None if accepted else f"{verdict.role}: {verdict.rule}",
        precision == "circa" and ["?"] in (look.context.left[:1], look.context.right[:1]),
    )


def _candidate(text: CleanText, mark: Mark, source: str, decided: Decided) -> Candidate:
    first, last, precision, role, rule, confidence, accepted, why, is_questioned = decided
    start, end, year_min, year_max, _, _ = mark
    return Candidate(
        source, start, end, text.raw[start:end], year_min + first, year_max + last, precision, role, rule, confidence,
        accepted, why, is_questioned,
    )  # fmt: skip


def _precision(look: Look, verdict: Verdict, *, is_circa: bool) -> Precision:
    mark = look.mark
    if mark.precision == "range" or verdict.rule in _INTERVAL_RULES:
        return "range"
    if is_circa:
        return "circa"
    if mark.precision != "year":
        return mark.precision
    months = look.left("month", 2) or look.right("month", 1)
    if not months:
        return "month" if mark.form == "era" and look.right("filler", 2) and look.context.after.isdecimal() else "year"
    numbers = look.context.left[:5] + look.context.right[:2]
    return "day" if any(token.isdecimal() and int(token) <= 31 for token in numbers if len(token) <= 2) else "month"
