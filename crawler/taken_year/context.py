"""The words around a date: what stands before it and after it in the same clause."""

import re
from typing import NamedTuple

from crawler.taken_year.clean import CleanText
from crawler.taken_year.marks import Mark
from crawler.taken_year.words import vocabulary

REACH = 64
"""Letters read on each side of a date; a cue further away speaks of something else."""

_LETTER = r"[^\W\d_]"
_SIGNS_OF_LETTERS = "\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0903\u093a-\u094f\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
"""Vowel signs and accents that stand as letters of their own: Hebrew, Arabic, Hindi, Thai."""

_WORD = rf"{_LETTER}(?:{_LETTER}|[{_SIGNS_OF_LETTERS}])*"
_TOKEN = re.compile(rf"{_WORD}(?:['-](?!s\b){_WORD})*|\d+|\n|[^\w\s]")
_ASCII_TOKEN = re.compile(r"[a-zA-Z]+(?:['-](?!s\b)[a-zA-Z]+)*|[0-9]+|\n|[^\w\s]", re.ASCII)
"""The same in plain English letters, at half the time."""

_STOPS = frozenset("!?;|\n•")
_BRACKETS = frozenset("()[]{}")
_ABBREVIATED = frozenset({"month", "circa", "born", "died", "identifier", "digitised", "published"})
_ABBREVIATION_LENGTH = 3  # "ca.", "b.", "geb.", "Dr." end no sentence


class Side(NamedTuple):
    """A stretch of a plain text."""

    plain: str
    start: int
    end: int


class Context(NamedTuple):
    """Folded tokens beside a date, nearest first.

    A side ends at the end of a sentence, at the edge of the text and at the date beside this one. `before` and
    `after` are the very next letters.
    """

    left: list[str]
    right: list[str]
    side: Side
    before: str
    after: str
    is_quoted: bool
    glued_word: str
    """Letters that run into the date without a gap: "summer" in summer1976."""

    @property
    def plain_right(self) -> list[str]:
        """Return the tokens to the right with their capitals; few rules ask for them."""
        return _TOKEN.findall(self.side.plain, self.side.start, self.side.end)[: len(self.right)]


class Gap(NamedTuple):
    """The tokens of a stretch of text: what stands right of one date stands left of the next."""

    start: int
    end: int
    tokens: list[str]


def context_of(
    text: CleanText, mark: Mark, *, left_edge: int, right_edge: int, gap: Gap | None = None
) -> tuple[Context, Gap]:
    """Return the context of `mark`, reading no further than the edges (the marks beside it).

    `gap` is what was read right of the mark before; what is read right of this one comes back for the next.
    """
    start = max(left_edge, mark.start - REACH)
    end = min(right_edge, mark.end + REACH)
    token = _ASCII_TOKEN if text.is_ascii else _TOKEN
    known = gap is not None and gap.start == start and gap.end == mark.start
    before = gap.tokens if known and gap is not None else token.findall(text.folded, start, mark.start)
    after = token.findall(text.folded, mark.end, end)
    left = _clause(before[::-1], cut=start > left_edge)
    right = _clause_right(after)
    glued = mark.start
    while glued > start and text.folded[glued - 1].isalpha():
        glued -= 1
    context = Context(
        left=left,
        right=right,
        side=Side(text.plain, mark.end, end),
        before=text.folded[mark.start - 1 : mark.start] if mark.start else "",
        after=text.folded[mark.end : mark.end + 1],
        is_quoted=bool(text.quotes) and any(first < mark.start and mark.end < last for first, last in text.quotes),
        glued_word=text.folded[glued : mark.start],
    )
    return context, Gap(mark.end, end, after)


def _clause(tokens: list[str], *, cut: bool) -> list[str]:
    if cut and tokens and tokens[-1].isalpha():
        tokens = tokens[:-1]  # the first word may be the end of a longer one
    if "." not in tokens and _STOPS.isdisjoint(tokens):
        return tokens
    kept: list[str] = []
    for index, token in enumerate(tokens):
        if token in _STOPS:
            break
        if token == "." and index + 1 < len(tokens) and ends_sentence(tokens[index + 1]):
            break
        kept.append(token)
    return kept


def ends_sentence(word: str) -> bool:
    """Tell whether a full stop after the folded token `word` ends the sentence."""
    # "Sept. 1958" and "approx. 1950" go on, "in the garden. 1967" begins anew.
    if word in _BRACKETS:
        return word in ")]"
    return len(word) > _ABBREVIATION_LENGTH and not vocabulary().of(word) & _ABBREVIATED


def _clause_right(tokens: list[str]) -> list[str]:
    if "." not in tokens and _STOPS.isdisjoint(tokens):
        return tokens
    kept: list[str] = []
    for token in tokens:
        if token in _STOPS and not (token == "?" and not kept):
            break
        if token == "." and (not kept or len(kept[-1]) > _ABBREVIATION_LENGTH):
            break
        kept.append(token)
    return kept


def kinds_near(tokens: list[str], *, step: int, reach: int, stop: frozenset[str] = _BRACKETS) -> dict[str, int]:
    """Return each kind of vocabulary word among the first `reach` tokens with the distance of its nearest word.

    `step` is 1 to the right, -1 to the left; reading ends at a token of `stop`.
    """
    words = vocabulary()
    found: dict[str, int] = {}
    index = 0
    heads = words.phrase_heads if step > 0 else words.phrase_tails
    end = min(reach, len(tokens))
    while index < end:
        token = tokens[index]
        if token in stop:
            break
        if token in heads:
            kinds, size = words.at(tokens, index, step=step)
        else:
            kinds, size = words.of(token), 1
        for kind in kinds:
            if kind not in found:
                found[kind] = index
        if not token.isascii():
            for kind in _inner_kinds(token):
                found.setdefault(kind, index)
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
