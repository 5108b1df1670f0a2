"""Two dates that are the ends of one interval: 1961-1962, between 1932 and 1934, (Sevilla, 1905 - Madrid, 1971)."""

from collections.abc import Iterable

from crawler.taken_year.captions import PARTS
from crawler.taken_year.marks import Mark
from crawler.taken_year.words import vocabulary

_LONGEST_GAP = 34  # letters between the two years of a span: " and the beginning of September "
_LONGEST_LIFE_GAP = 60  # letters: (Sevilla, 12 May 1905 - Madrid, 1971)
_SHORTEST_LIFE = 13  # years
_NO_ENDS = frozenset({"stamp", "span"})
_DECADES = frozenset({"decade", "decade_word", "open"})
_PART_LETTERS = 12  # of "early", "Anfang der" and the like before a decade
_SPAN_SIGNS = frozenset("-/")
_NO_BRACKETS = frozenset("()[];\n")
_AND = frozenset({"and", "und", "et", "y", "e", "en", "i", "a", "и", "och", "og", "ve", "&"})
"""Words that join two dates into a span only after "between"."""
_SMALL_WORDS = {"month", "filler", "circa", "season", "winter", "holiday", "joiner", "early", "mid", "late"}


def join_spans(folded: str, marks: list[Mark]) -> list[Mark]:
    """Return the marks of a folded text with those that are the two ends of one interval made one."""
    # October 1961 - May 1962, between 1932 and 1934, 1961 or 1962: two marks, one interval.
    joined: list[Mark] = []
    for mark in marks:
        before = joined[-1] if joined else None
        if before is not None and (_is_span(folded, before, mark) or _is_life(folded, before, mark)):
            joined[-1] = _joined(folded, before, mark)
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


def _joined(folded: str, first: Mark, second: Mark) -> Mark:
    if first.form not in _DECADES or second.form not in _DECADES:
        return Mark(first.start, second.end, first.year_min, second.year_max, "span", "range")
    # Late 1940s or early 1950s: each with its own part of the decade.
    start = first.year_min + _part(folded[max(0, first.start - _PART_LETTERS) : first.start])[0]
    end = second.year_min + _part(folded[first.end : second.start])[1]
    return Mark(first.start, second.end, start, end, "decade", "range")


def _part(before: str) -> tuple[int, int]:
    kinds = vocabulary().of(before.replace("-", " ").split()[-1]) if before.strip(" -") else frozenset()
    return next((years for kind, years in PARTS if kind in kinds), (0, 9))


def _is_life(folded: str, first: Mark, second: Mark) -> bool:
    # (Sevilla, 1905 - Madrid, 1971): two places in one bracket, and a life between them.
    if second.year_min - first.year_max < _SHORTEST_LIFE or second.start - first.end > _LONGEST_LIFE_GAP:
        return False
    gap = folded[first.end : second.start]
    if gap.count("-") != 1 or not _NO_BRACKETS.isdisjoint(gap):
        return False
    opening = folded.rfind("(", max(0, first.start - _LONGEST_LIFE_GAP), first.start)
    return (
        opening >= 0
        and ")" not in folded[opening : first.start]
        and ")" in folded[second.end : second.end + _LONGEST_LIFE_GAP]
    )


def _suffixes(sign: str, tokens: list[str]) -> Iterable[list[str]]:
    # 1984年 - 1986年: the word for "year" may stand before the sign.
    return ([token] for token in tokens[:1] if len(tokens) > 1 and tokens[1] == sign)


def _is_between(folded: str, first: Mark) -> bool:
    words = folded[max(0, first.start - 40) : first.start].split()[-4:]
    return any("between" in vocabulary().of(word) for word in words)
