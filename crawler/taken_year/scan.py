"""One text to its dated candidates: find the marks, join spans, ask the rules in order."""

from collections.abc import Callable, Iterable
from typing import get_args

from crawler.taken_year import captions, things
from crawler.taken_year.clean import CleanText
from crawler.taken_year.context import Gap, context_of
from crawler.taken_year.look import Look, look_at
from crawler.taken_year.marks import Form, Mark, find_marks
from crawler.taken_year.memo import Decided, is_worth_it, key_of, recall, remember
from crawler.taken_year.records import Candidate, Precision
from crawler.taken_year.signs import is_beside_a_sign
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
    things.is_written_on_a_thing,
    things.is_nearest_cue,
    things.is_class_of,
    things.is_since,
    captions.is_one_sided,
    captions.is_span,
    things.is_object,
    captions.is_decade,
    captions.is_circa,
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
}
"""Rules that know only some forms of dates; they are not asked about others."""

_RULES_OF: dict[str, tuple[Rule, ...]] = {
    form: tuple(rule for rule in RULES if form in _ONLY_FOR.get(rule, {form})) for form in get_args(Form)
}

_LONGEST_GAP = 34  # letters between the two years of a span: " and the beginning of September "
_NO_ENDS = frozenset({"stamp", "span"})
_SPAN_SIGNS = frozenset("-/")
_AND = frozenset({"and", "und", "et", "y", "e", "en", "i", "a", "и", "och", "og", "ve", "&"})
"""Words that join two dates into a span only after "between"."""
_SMALL_WORDS = {"month", "filler", "circa", "season", "winter", "holiday", "joiner", "early", "mid", "late"}


def scan(text: CleanText, source: str, *, latest: int) -> list[Candidate]:
    """Return every date of a text as a candidate with its role, in order."""
    marks = find_marks(text.folded, latest=latest)
    if not marks:
        return []
    marks = _join(text.folded, marks)
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
    if mark.precision == "range" or verdict.rule in ("span", "decade", "yearbook", "film_still"):
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


def _join(folded: str, marks: list[Mark]) -> list[Mark]:
    # October 1961 - May 1962, between 1932 and 1934, 1961 or 1962: two marks, one interval.
    joined: list[Mark] = []
    for mark in marks:
        before = joined[-1] if joined else None
        if before is not None and _is_span(folded, before, mark):
            joined[-1] = Mark(before.start, mark.end, before.year_min, mark.year_max, "span", "range")
        else:
            joined.append(mark)
    return joined


def _is_span(folded: str, first: Mark, second: Mark) -> bool:
    if second.start - first.end > _LONGEST_GAP:
        return False
    gap = folded[first.end : second.start]
    if second.year_max <= first.year_min or first.form in _NO_ENDS or second.form in _NO_ENDS:
        return False
    words = vocabulary()
    tokens = gap.replace(",", " ").replace(".", " ").replace("-", " - ").replace("/", " / ").split()
    signs = [token for token in tokens if token in _SPAN_SIGNS or "joiner" in words.of(token)]
    if len(signs) != 1 or tokens[:1] not in ([signs[0]], *_suffixes(signs[0], tokens)):
        return False
    if signs[0] in _AND and not _is_between(folded, first):
        return False
    return all(
        token in _SPAN_SIGNS or token.isdecimal() or words.of(token.rstrip("?")) & _SMALL_WORDS for token in tokens
    )


def _suffixes(sign: str, tokens: list[str]) -> Iterable[list[str]]:
    # 1984年 - 1986年: the word for "year" may stand before the sign.
    return ([token] for token in tokens[:1] if len(tokens) > 1 and tokens[1] == sign)


def _is_between(folded: str, first: Mark) -> bool:
    words = folded[max(0, first.start - 40) : first.start].split()[-4:]
    return any("between" in vocabulary().of(word) for word in words)
