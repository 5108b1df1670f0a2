"""One text to its dated candidates: find the marks, join spans, ask the rules in order."""

from collections.abc import Callable, Iterable

from crawler.taken_year import captions, things
from crawler.taken_year.clean import CleanText
from crawler.taken_year.context import context_of
from crawler.taken_year.look import Look, look_at
from crawler.taken_year.marks import Mark, find_marks
from crawler.taken_year.records import Candidate, Precision
from crawler.taken_year.verdict import CIRCA_WIDTH, DATING_ROLES, POINT_AT, Verdict
from crawler.taken_year.words import vocabulary

Rule = Callable[[Look], Verdict | None]

RULES: tuple[Rule, ...] = (
    things.is_identifier,
    things.is_address,
    things.is_copyright,
    captions.is_age,
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

_LONGEST_GAP = 34  # letters between the two years of a span: " and the beginning of September "
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
    for index, mark in enumerate(marks):
        right_edge = marks[index + 1].start if index + 1 < len(marks) else len(text.folded)
        context = context_of(text, mark, left_edge=edges[index], right_edge=right_edge)
        found.append(_judge(look_at(text, mark, context, source=source)))
    return found


def _judge(look: Look) -> Candidate:
    verdict = next(verdict for rule in RULES if (verdict := rule(look)) is not None)
    mark = look.mark
    first = mark.year_min if verdict.year_min is None else verdict.year_min
    last = mark.year_max if verdict.year_max is None else verdict.year_max
    if verdict.role in ("taken", "event") and captions.is_approximate(look) and first == last:
        first, last = first - CIRCA_WIDTH, last + CIRCA_WIDTH
    precision = _precision(look, verdict, is_circa=(first, last) != (mark.year_min, mark.year_max))
    accepted = verdict.role in DATING_ROLES and verdict.confidence >= POINT_AT
    return Candidate(
        source=look.source,
        start=mark.start,
        end=mark.end,
        words=look.text.raw[mark.start : mark.end],
        year_min=first,
        year_max=last,
        precision=precision,
        role=verdict.role,
        rule=verdict.rule,
        confidence=verdict.confidence,
        accepted=accepted,
        why=None if accepted else f"{verdict.role}: {verdict.rule}",
    )


def _precision(look: Look, verdict: Verdict, *, is_circa: bool) -> Precision:
    mark = look.mark
    if mark.precision == "range" or verdict.rule in ("span", "decade"):
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
    gap = folded[first.end : second.start]
    if len(gap) > _LONGEST_GAP or second.year_max <= first.year_min or {first.form, second.form} & {"stamp", "span"}:
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
