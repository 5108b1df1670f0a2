"""Raw text made easy to search, letter for letter: position i of the result is position i of the raw text.

So every span that is found is a span of the text as the site gave it.
"""

import html
import re
import unicodedata
from dataclasses import dataclass

LONGEST_TEXT = 60_000
"""Letters read of one field: longer texts are pages of comments, and a caption's date stands at the front."""

_ZEROS = (
    0x0660, 0x06F0, 0x07C0, 0x0966, 0x09E6, 0x0A66, 0x0AE6, 0x0B66, 0x0BE6, 0x0C66, 0x0CE6, 0x0D66, 0x0E50, 0x0ED0,
    0x0F20, 0x1040, 0x17E0, 0x1810, 0xFF10,
)  # fmt: skip
"""The zero of Arabic, Persian, N'Ko, Hindi, Bengali, Punjabi, Gujarati, Oriya, Tamil, Telugu, Kannada, Malayalam, Thai,
Lao, Tibetan, Burmese, Khmer, Mongolian and of the full width."""

_TAG = re.compile(r"<[a-zA-Z/!][^<>]{0,2000}>")
_LINE_TAG = re.compile(r"</?(?:br|p|div|li|ul|ol|tr|td|th|table|dd|dt|h[1-6]|hr|blockquote)\b", re.IGNORECASE)
_URL = re.compile(r"(?:[hH][tT][tT][pP][sS]?://|[wW][wW][wW]\.)[^\s<>\"']{1,2000}")
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[a-zA-Z]{2,8});")
_QUOTED = re.compile(r"\"[^\"\n]{1,300}\"")
_HAN_DIGITS = {ord(letter): str(value) for value, letter in enumerate("〇一二三四五六七八九")} | {ord("零"): "0"}
_HAN_NUMBER = re.compile(
    "[一二][〇零一二三四五六七八九]{3}(?=年)|(?<![一二三四五六七八九十])[二三四五六七八九]?十[一二三四五六七八九]?(?=年[^前后後間间代])"
)
"""A year in Han numerals: four digits one by one, or the year of an era in tens."""


@dataclass(frozen=True)
class CleanText:
    """A field ready to be searched: `plain` keeps capitals, `folded` is lower case without Latin accents.

    `quotes` are the spans of quoted words, unless the whole text is one quotation.
    """

    raw: str
    plain: str
    folded: str
    quotes: tuple[tuple[int, int], ...]
    is_ascii: bool = False
    """Whether `folded` is of plain English letters: then cheaper patterns do."""


def clean(raw: str) -> CleanText:
    """Return `raw` without tags, URLs and entities, same length, digits of all scripts as 0-9."""
    raw = raw[:LONGEST_TEXT]
    text = raw
    if "<" in text:
        text = _TAG.sub(_blank_tag, text)
    if "&" in text:
        text = _ENTITY.sub(_entity, text)
    if "://" in text or "www." in text:
        text = _URL.sub(_blank, text)
    plain = text if text.isascii() else text.translate(_PLAIN)
    if "年" in plain or "月" in plain:
        plain = _HAN_NUMBER.sub(_han_digits, plain)
    quotes: tuple[tuple[int, int], ...] = ()
    if '"' in plain:
        size = len(plain.strip(' ".,!'))
        quotes = tuple(m.span() for m in _QUOTED.finditer(plain) if m.end() - m.start() - 2 < size)
    folded = fold(plain)
    return CleanText(raw, plain, folded, quotes, folded.isascii())


def fold(text: str) -> str:
    """Return `text` in lower case without Latin accents, of the same length."""
    return text.lower() if text.isascii() else text.translate(_FOLDED).lower()


def _han_digits(match: re.Match[str]) -> str:
    # 一九七六 is 1976; 三十七 is 037, so that every letter keeps its place.
    letters = match[0]
    if "十" not in letters:
        return letters.translate(_HAN_DIGITS)
    tens, _, ones = letters.partition("十")
    number = 10 * (int(tens.translate(_HAN_DIGITS)) if tens else 1) + (int(ones.translate(_HAN_DIGITS)) if ones else 0)
    return str(number).rjust(len(letters), "0")[-len(letters) :] if len(letters) > 1 else letters


def _blank_tag(match: re.Match[str]) -> str:
    # A tag that begins a new line ends what is said on this one.
    size = match.end() - match.start()
    return f"\n{' ' * (size - 1)}" if _LINE_TAG.match(match[0]) else " " * size


def _blank(match: re.Match[str]) -> str:
    return " " * (match.end() - match.start())


def _entity(match: re.Match[str]) -> str:
    # Padded in front: "&#39;67" must leave its apostrophe next to the 67.
    letters = html.unescape(match[0])
    size = match.end() - match.start()
    return letters.rjust(size) if len(letters) <= size else " " * size


def _plain_table() -> dict[int, str]:
    table = {ord(c): "'" for c in "‘’‛`´ʼ′＇"}
    table |= {ord(c): '"' for c in "“”„‟«»″＂「」『』"}
    table |= {ord(c): "-" for c in "‐‑‒–—―−〜～－"}
    table |= {ord(c): " " for c in "\u00a0\u2002\u2003\u2009\u200b\u200e\u200f\u202f\u3000\ufeff"}
    table |= {ord("／"): "/", ord("．"): ".", ord("，"): ",", ord("："): ":", ord("（"): "(", ord("）"): ")"}
    # Digits of the scripts a caption may be written in, from Arabic to full width; those of no script stay.
    for zero in _ZEROS:
        table |= {zero + digit: str(digit) for digit in range(10)}
    return table


def _fold_table() -> dict[int, str]:
    table = {ord("İ"): "i", ord("ı"): "i", ord("ł"): "l", ord("Ł"): "l", ord("ø"): "o", ord("Ø"): "o", ord("ß"): "s"}
    table |= {ord("đ"): "d", ord("Đ"): "d", ord("ё"): "е", ord("Ё"): "е", ord("æ"): "a", ord("Æ"): "a"}
    for code in [*range(0x00C0, 0x0250), *range(0x1E00, 0x1F00)]:
        base = unicodedata.normalize("NFKD", chr(code))[0]
        if base != chr(code) and base.isascii():
            table.setdefault(code, base)
    return table


_PLAIN = _plain_table()
_FOLDED = _fold_table()
