"""What the rules see of one date: the kinds of word around it and how far away each stands."""

from typing import NamedTuple

from crawler.taken_year.clean import CleanText
from crawler.taken_year.context import Context, kinds_near
from crawler.taken_year.marks import Mark
from crawler.taken_year.words import vocabulary

FAR = 99
"""Distance of a kind of word that is not there."""

_DAY_DIGITS = 2
_MONTH_REACH = 3  # tokens: a comma, the day, the month
_LEFT_REACH = 9  # tokens; a verb further away has another object
_RIGHT_REACH = 8
_SIGNS_BESIDE = 3  # letters: brackets, a full stop, a question mark
_LEFT_STOP = frozenset("()[]{}")
_RIGHT_STOP = frozenset("()[]{},")
_NO_WORDS = frozenset({"'", "s", "-", '"'})
_PHRASE_ENDS = frozenset({"phrase_end", "possessive"})
_LONGEST_NOUN_PHRASE = 9  # tokens: the 1955 Pittsburgh Courier Home Service Fair


class Look(NamedTuple):
    """One mark with its surroundings; distances count tokens, 0 being the next one."""

    text: CleanText
    mark: Mark
    context: Context
    source: str
    left_kinds: dict[str, int]
    """Nearest distance of each kind of word to the left, as far as the next bracket."""
    right_kinds: dict[str, int]
    """Nearest distance of each kind of word to the right, as far as the next bracket or comma."""
    left_comma: int
    """Distance of the first comma to the left."""
    clause_comma: int
    """The same, passing over the comma inside "March 3, 2011"."""
    noun_phrase: list[str]
    """The words that follow the date directly, up to a preposition or a sign: boat, trip."""

    @property
    def is_in_brackets(self) -> bool:
        """Tell whether an opening bracket stands close before the date and a closing one after it."""
        left, right = self.context.left[:4], self.context.right[:3]
        return any(token in "([" for token in left) and any(token in ")]" for token in right)

    @property
    def is_alone(self) -> bool:
        """Tell whether the date is the whole text, but for a sign or two."""
        return len(self.text.plain.strip()) <= (self.mark.end - self.mark.start) + _SIGNS_BESIDE

    def left(self, kind: str, reach: int = _LEFT_REACH, *, over_comma: bool = False) -> bool:
        """Tell whether a word of `kind` stands within `reach` tokens to the left, in the same part of the sentence."""
        distance = self.left_kinds.get(kind, FAR)
        return distance < reach and (over_comma or distance < self.left_comma)

    @property
    def has_month_before(self) -> bool:
        """Tell whether the name of a month stands right before: July 1964, July 8, 1964."""
        return self.left_kinds.get("month", FAR) < min(_MONTH_REACH, self.clause_comma)

    def right(self, kind: str, reach: int = _RIGHT_REACH) -> bool:
        """Tell whether a word of `kind` stands within `reach` tokens to the right."""
        return self.right_kinds.get(kind, FAR) < reach

    def kind_beyond_bracket(self, kind: str) -> bool:
        """Tell whether a word of `kind` stands before the bracket the date is in: the film Iron Dunes (1954)."""
        return kind in kinds_near(self.context.left[1:], step=-1, reach=6)


def look_at(text: CleanText, mark: Mark, context: Context, *, source: str) -> Look:
    """Return what the rules see of `mark`."""
    left, right = context.left, context.right
    if left[:1] in (["("], ["["]) and right[:1] not in ([")"], ["]"]):
        left = left[1:]
    if right[:1] == ["("]:
        right = right[1:]  # 1878 (patented): the bracket after a date speaks of it
    return Look(
        text=text,
        mark=mark,
        context=context,
        source=source,
        left_kinds=kinds_near(left, step=-1, reach=_LEFT_REACH, stop=_LEFT_STOP),
        right_kinds=kinds_near(right, step=1, reach=_RIGHT_REACH, stop=_RIGHT_STOP),
        left_comma=context.left.index(",") if "," in context.left else FAR,
        clause_comma=_first_comma(context.left),
        noun_phrase=_noun_phrase(context.right) if mark.precision != "day" else [],
    )


def _first_comma(left: list[str]) -> int:
    # The comma of "March 3, 2011" parts nothing.
    start = 1 if left[:1] == [","] and left[1:2] != [] and left[1].isdecimal() and len(left[1]) <= _DAY_DIGITS else 0
    return left.index(",", start) if "," in left[start:] else FAR


def _noun_phrase(tokens: list[str]) -> list[str]:
    words: list[str] = []
    for token in tokens[:_LONGEST_NOUN_PHRASE]:
        if token in _NO_WORDS:
            continue
        if not token[0].isalpha() or not _PHRASE_ENDS.isdisjoint(vocabulary().of(token)):
            break
        words.append(token)
    return words
