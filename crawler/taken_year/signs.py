"""Numbers that the letters beside them give away: prices, sizes, telephone numbers, parts of longer numbers."""

import re

from crawler.taken_year.clean import CleanText
from crawler.taken_year.marks import Mark
from crawler.taken_year.verdict import Verdict, rejected

NEVER_IDENTIFIERS = frozenset({"date", "era", "decade_word", "open"})
"""Forms of dates that no sign makes a number of."""

_MONEY_BEFORE = frozenset("$€£¥#@№")
_MONEY_AFTER = frozenset("$€£¥%°×")
_SIZE_BEFORE = re.compile(r"(?:\d{3} ?\d\d\s|\d{5}\s|\d\s?[x×*]\s?|\d[./]|[a-z0-9]\d-|\d-|\b[a-z]{1,2}-|\+)$")
_MONTH_BEFORE = re.compile(r"(?:^|[ (,])(?:0[1-9]|[2-9]|1[0-2])/$")  # 3/1986, but no shutter of 1/2000
_SIZE_SIGNS = frozenset(" x×*./-+,:\t")  # the letters either pattern ends or begins with
_TIMES = frozenset("x×*")
_SIZE_AFTER = re.compile(r"^(?:\s?[x×]\s?\d|[.,:/]\d|-[a-z]{0,2}\d)")


def is_beside_a_sign(text: CleanText, mark: Mark) -> Verdict | None:
    """$1999, 2048x1536, 412-555-2010, 55%: the letters next to a number decide before any word is read."""
    if mark.form in NEVER_IDENTIFIERS:
        return None
    folded = text.folded
    before, after = folded[max(0, mark.start - 8) : mark.start], folded[mark.end : mark.end + 4]
    if before[-1:] in _MONEY_BEFORE or after[:1] in _MONEY_AFTER:
        return rejected("identifier", "sign_beside")
    if _MONTH_BEFORE.search(before):
        return None
    if mark.form != "stamp" and (
        (before[-1:] in _SIZE_SIGNS and _may_end_a_number(before) and _SIZE_BEFORE.search(before))
        or (after[:1] in _SIZE_SIGNS and _SIZE_AFTER.match(after))
    ):
        return rejected("identifier", "number_beside")
    return None


def _may_end_a_number(before: str) -> bool:
    # Most dates follow a word and a blank, and need no search.
    return not before[-1:].isspace() or before[-2:-1] in _TIMES or before[-2:-1].isdecimal()
