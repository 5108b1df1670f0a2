"""Reads the words of a date text: which dates it names, joined how, after which verbs."""

import re

from crawler.taken_year.date_cursor import Cursor
from crawler.taken_year.date_points import (
    MAYBE,
    ORDINALS,
    SEASONAL,
    VERBS,
    WORK_WORDS,
    Item,
    Point,
    decade_suffix,
    number_of_century,
    part_of,
)
from crawler.taken_year.words import vocabulary

_OPEN_DECADE = re.compile(r"(1[0-9]\d|20\d)(?:[?x_]|-(?=[\]\s?]|$))(?![\w])")
_OPEN_CENTURY = re.compile(r"(1\d|20)(?:--|\?\?|xx)(?![\w-])")
_SKIPPED = frozenset(".()[]':\"\\")
LATER = frozenset({"digitised", "published"})
"""Kinds of verbs for what is done to a work when it exists: printed, published."""


class Reader(Cursor):
    """Reads the dates of one text, from the first token to the last."""

    def items(self) -> list[Item]:
        """Return the dates of the text with the verbs before them, or nothing where a word is unknown."""
        found: list[Item] = []
        separator = ""
        while self.at < len(self.tokens):
            verbs = self._verbs()
            points = self._range()
            if points is None:
                if verbs and found and self.peek() in ("", ",", ";"):
                    pass  # "1927, printed later"
                else:
                    return []
            else:
                if self.peek() == "(" and self._is_verb(1) and self.peek(2) == ")":
                    verbs |= self._verbs()
                found.append(Item(points, verbs, separator))
            separator = self.peek()
            if separator in (",", ";", "&", "and"):
                self.at += 1
        return found

    def _verbs(self) -> set[str]:
        found: set[str] = set()
        while self.at < len(self.tokens):
            token = self.peek()
            kinds, size = self.kinds()
            if kinds & {"before", "after"} or (token == "later" and number_of_century(self.peek(1))):
                break
            if (token in WORK_WORDS and token not in ("and", "first")) or (token == "and" and self._is_verb(1)):
                found.add(token)
                found |= kinds & LATER
                self.at += 1
            elif token == "first" and self._is_verb(1):
                self.at += 1
            elif token[0].isalpha() and kinds & VERBS and not kinds & {"circa"}:
                found |= kinds & VERBS
                self.at += size
            elif token in ".:()[]" or (token == "?" and self._is_verb(1)) or (token == "by" and not found):
                self.at += 1
            else:
                break
        return found

    def _is_verb(self, ahead: int) -> bool:
        token = self.peek(ahead)
        return token in WORK_WORDS or (bool(token) and bool(vocabulary().of(token) & VERBS))

    def _range(self) -> tuple[Point, ...] | None:
        first = self.point(None)
        if first is None:
            return None
        points = [first]
        while True:
            kept, token = self.at, self.peek()
            kinds, size = self.kinds() if token else (frozenset[str](), 1)
            if not (token in ("-", "/") or ("joiner" in kinds and token not in ("and", "&"))
                    or (token in ("and", "&") and first.side == "between")):  # fmt: skip
                break
            self.at += size
            second = self.point(points[-1])
            if second is not None and second.last < 0 < points[-1].first:
                points[-1] = points[-1].before_christ()  # "664-525 BCE"
            if second is None or second.last < points[-1].first:
                self.at = kept
                break
            points.append(second)
        return tuple(points)

    def point(self, before: Point | None) -> Point | None:
        """Read one date with its qualifiers; `before` is the first of a range, whose century a short year takes."""
        kept = self.at
        circa = maybe = the = False
        part = side = ""
        while self.at < len(self.tokens):
            token = self.peek()
            kinds, size = self.kinds()
            if token in ("~", "c", "±") or "circa" in kinds:
                maybe, circa = maybe or token in MAYBE, circa or token not in MAYBE
            elif token == "?":
                maybe = True
            elif token in ORDINALS and self.peek(1) in ("half", "quarter", "third"):
                part, size = ORDINALS[token], 2
            elif token in ("later", "latter", "earlier") and not kinds & {"before", "after"}:
                part = "early" if token == "earlier" else "late"
            elif part and token == "-" and vocabulary().of(self.peek(1)) & {"mid", "late"}:
                part += "-"
            elif part.endswith("-"):
                part += next((kind for kind in ("mid", "late") if kind in kinds), "mid")
            elif kinds & {"early", "mid", "late"}:
                part = next(kind for kind in ("early", "mid", "late") if kind in kinds)
            elif kinds & {"before", "after"}:
                side = "before" if "before" in kinds else "after"
            elif "between" in kinds and not (token == "from" and before is not None):
                side = "between"
            elif kinds & SEASONAL or token in _SKIPPED or token in ("active", "date", "period", "years"):
                the = the or token == "the"
            elif token == "-" and part:
                pass
            else:
                break
            self.at += size
        core = self._core(before, the=the)
        if core is None:
            self.at = kept
            return None
        first, last, edtf, unit = core
        is_bce = False
        if part:
            first, last, edtf = part_of(first, last, unit, part, self.convention)
        while self.at < len(self.tokens):
            token = self.peek()
            kinds, size = self.kinds()
            if token == "?":
                maybe = True
            elif token in ("bce", "ad"):
                is_bce = token == "bce"
            elif "circa_after" in kinds or ("circa" in kinds and token in MAYBE | {"approx", "approximately"}):
                maybe, circa = maybe or token in MAYBE, circa or token not in MAYBE
            elif size > 1 and kinds & {"before", "after"}:
                side = "before" if "before" in kinds else "after"
            elif kinds == frozenset({"filler"}) and not token.isascii():
                pass
            elif token not in _SKIPPED or token in "(":
                break
            self.at += size
        point = Point(first, last, edtf, unit, circa, maybe, side)
        return point.before_christ() if is_bce else point

    def _core(self, before: Point | None, *, the: bool) -> tuple[int, int, str, str] | None:
        token, start = self.peek(), self.starts[self.at] if self.at < len(self.tokens) else 0
        if not token:
            return None
        if token in vocabulary().decades:
            self.at += 1
            ten = vocabulary().decades[token]
            first = ten + 100 * ((self.latest - ten) // 100) if ten < 100 else ten
            return first, first + 9, f"{first // 10:03d}X", "decade"
        if (open_ := _OPEN_DECADE.match(self.text, start)) or (open_ := _OPEN_CENTURY.match(self.text, start)):
            self.skip_to(open_.end())
            scale = 10 if len(open_[1]) == 3 else 100
            first = int(open_[1]) * scale
            return first, first + scale - 1, f"{open_[1]}{'X' if scale == 10 else 'XX'}", "decade"
        century = self._century()
        if century is not None:
            first = (century - 1) * 100
            return first, first + 99, f"{century - 1:02d}XX", "century"
        if not token.isdecimal():
            return None
        number, size = int(token), len(token)
        if size in (2, 4) and number % 10 == 0 and (suffix := decade_suffix(self.text, start + size)):
            self.skip_to(start + size + suffix)
            if size == 4 and number % 100 == 0 and the:
                return number, number + 99, f"{number // 100:02d}XX", "century"
            first = number if size == 4 else number + 100 * ((self.latest - number) // 100)
            return first, first + 9, f"{first // 10:03d}X", "decade"
        if before is not None and size <= 2 and before.unit == "year" and self.peek(1) not in ("ad", "bce"):
            scale = 10**size
            year = before.last - before.last % scale + number
            self.at += 1
            return (year, year, f"{year:04d}", "year") if year > before.last else None
        if size in (3, 4) or (size < 3 and (self.peek(1) in ("ad", "bce"))):
            self.at += 1
            return number, number, f"{number:04d}", "year"
        return None

    def _century(self) -> int | None:
        token = self.peek()
        kinds, size = self.kinds()
        if "century" in kinds and (number := number_of_century(self.peek(size))):
            self.at += size + 1
            return number
        number = number_of_century(token)
        if number is None:
            return None
        for ahead in range(1, 9):
            after = self.peek(ahead)
            if "century" in vocabulary().of(after) or (ahead == 1 and after == "c" and token[-1:] != "c"):
                self.at += 2 if ahead == 1 else 1
                return number
            if not after or after in ",;":
                break
            if after.isdecimal() and len(after) > 2:
                break
        return None
