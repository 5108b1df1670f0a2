"""A cursor over the tokens of a date text, and what can be taken away from them before reading: days and months."""

import re

from crawler.taken_year.circa import Convention
from crawler.taken_year.words import vocabulary

_TOKEN = re.compile(r"\d+(?:st|nd|rd|th)(?![^\W\d_])|\d+|[^\W\d_]+|[^\s]")


_DAY_DIGITS = 2


class Cursor:
    """A cursor over the tokens of one date text."""

    def __init__(self, text: str, convention: Convention, *, latest: int) -> None:
        self.text, self.convention, self.latest, self.at = text, convention, latest, 0
        found = list(_TOKEN.finditer(text))
        self.tokens = [match[0] for match in found]
        self.starts = [match.start() for match in found]

    def drop_months(self) -> bool:
        """Take away month names with the days beside them, so that only years are left; tell whether there were any."""
        words, drop = vocabulary(), set()
        size = len(self.tokens)
        for index, token in enumerate(self.tokens):
            if "month" not in words.of(token) or (token in ("mar", "dec", "may") and size == 1):
                continue
            drop.add(index)
            for step in (-1, 1):
                place = index + step
                while 0 <= place < size and self._is_day(place, step):
                    drop.add(place)
                    place += step
        if drop:
            kept = [index for index in range(size) if index not in drop]
            self.tokens = [self.tokens[index] for index in kept]
            self.starts = [self.starts[index] for index in kept]
            while self.tokens and (self.tokens[0] in "-/&,." or "joiner" in words.of(self.tokens[0])):
                del self.tokens[0], self.starts[0]
        return bool(drop)

    def _is_day(self, place: int, step: int) -> bool:
        token = self.tokens[place]
        digits = token.rstrip("stndrh")
        if digits.isdecimal() and len(digits) <= 2:
            return 1 <= int(digits) <= 31
        if token in ("-", "&", "/", ",", ".", "de", "of") or "joiner" in vocabulary().of(token):
            beyond = place + step
            if not 0 <= beyond < len(self.tokens):
                return token == "."
            if token in ("de", "of", ".", ",") and step > 0 and self.tokens[beyond].isdecimal():
                return True
            other = self.tokens[beyond].rstrip("stndrh")
            if token == "." and step < 0:
                return other.isdecimal() and len(other) <= _DAY_DIGITS  # 12. März 1934
            return other.isdecimal() and len(other) <= 2 and step > 0 and token != "/"
        return False

    def kinds(self) -> tuple[frozenset[str], int]:
        """Return the kinds of the phrase at the cursor and its number of tokens."""
        return vocabulary().at(self.tokens, self.at, step=1)

    def peek(self, ahead: int = 0) -> str:
        """Return a token without moving, "" beyond the end."""
        place = self.at + ahead
        return self.tokens[place] if place < len(self.tokens) else ""

    def skip_to(self, end: int) -> None:
        """Move to the first token that begins at the letter `end` or later."""
        while self.at < len(self.tokens) and self.starts[self.at] < end:
            self.at += 1
