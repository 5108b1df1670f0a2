"""The words around a date: what stands before it and after it in the same clause."""

import re
from dataclasses import dataclass

from crawler.taken_year.clean import CleanText
from crawler.taken_year.marks import Mark
from crawler.taken_year.words import vocabulary

REACH = 64
"""Letters read on each side of a date; a cue further away speaks of something else."""

_TOKEN = re.compile(r"[^\W\d_]+(?:['-](?!s\b)[^\W\d_]+)*|\d+|\n|[^\w\s]")
_STOPS = frozenset("!?;|\n•")
_BRACKETS = frozenset("()[]{}")
_ABBREVIATED = frozenset({"month", "circa", "born", "died", "identifier", "digitised", "published"})
_ABBREVIATION_LENGTH = 3  # "ca.", "b.", "geb.", "Dr." end no sentence


@dataclass(frozen=True)
class Context:
    """Folded tokens beside a date, nearest first; `plain_right` are those to the right with their capitals.

    A side ends at the end of a sentence, at the edge of the text and at the date beside this one. `before` and
    `after` are the very next letters.
    """

    left: list[str]
    right: list[str]
    plain_right: list[str]
    before: str
    after: str
    is_quoted: bool
    glued_word: str
    """Letters that run into the date without a gap: "summer" in summer1976."""


def context_of(text: CleanText, mark: Mark, *, left_edge: int, right_edge: int) -> Context:
    """Return the context of `mark`, reading no further than the edges (the marks beside it)."""
    start = max(left_edge, mark.start - REACH)
    end = min(right_edge, mark.end + REACH)
    left = _clause(_TOKEN.findall(text.folded, start, mark.start)[::-1], cut=start > left_edge)
    right = _clause_right(_TOKEN.findall(text.folded, mark.end, end))
    glued = re.search(r"[^\W\d_]+$", text.folded[start : mark.start])
    return Context(
        left=left,
        right=right,
        plain_right=_TOKEN.findall(text.plain, mark.end, end)[: len(right)],
        before=text.folded[mark.start - 1 : mark.start] if mark.start else "",
        after=text.folded[mark.end : mark.end + 1],
        is_quoted=any(first < mark.start and mark.end < last for first, last in text.quotes),
        glued_word=glued[0] if glued else "",
    )


def _clause(tokens: list[str], *, cut: bool) -> list[str]:
    if cut and tokens and tokens[-1].isalpha():
        tokens = tokens[:-1]  # the first word may be the end of a longer one
    kept: list[str] = []
    for index, token in enumerate(tokens):
        if token in _STOPS:
            break
        if token == "." and index + 1 < len(tokens) and _ends_sentence(tokens[index + 1]):
            break
        kept.append(token)
    return kept


def _ends_sentence(word: str) -> bool:
    # "Sept. 1958" and "approx. 1950" go on, "in the garden. 1967" begins anew.
    if word in _BRACKETS:
        return word in ")]"
    return len(word) > _ABBREVIATION_LENGTH and not vocabulary().of(word) & _ABBREVIATED


def _clause_right(tokens: list[str]) -> list[str]:
    kept: list[str] = []
    for token in tokens:
        if token in _STOPS and not (token == "?" and not kept):
            break
        if token == "." and (not kept or len(kept[-1]) > _ABBREVIATION_LENGTH):
            break
        kept.append(token)
    return kept


def kinds_near(tokens: list[str], *, step: int, reach: int, stop: frozenset[str] = _BRACKETS) -> list[tuple[str, int]]:
    """Return (kind, distance) of the vocabulary words among the first `reach` tokens, nearest first.

    `step` is 1 to the right, -1 to the left; reading ends at a token of `stop`.
    """
    words = vocabulary()
    found: list[tuple[str, int]] = []
    index = 0
    while index < min(reach, len(tokens)):
        token = tokens[index]
        if token in stop:
            break
        kinds, size = words.at(tokens, index, step=step)
        found.extend((kind, index) for kind in kinds)
        if not token.isascii():
            found.extend((kind, index) for kind in _inner_kinds(token))
        index += size
    return found


def _inner_kinds(token: str) -> set[str]:
    # Scripts without gaps: the longest words first, so that 生年 is not read as 年.
    kinds: set[str] = set()
    if token.isascii() or ord(max(token)) < 0x0E00:
        return kinds
    for word, kind in vocabulary().inner:
        if word in token:
            kinds.add(kind)
    return kinds
