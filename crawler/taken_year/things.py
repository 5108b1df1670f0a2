"""Rules for numbers that are no date of the photo: identifiers, things in the picture, years of other things."""

import re

from crawler.taken_year.look import FAR, Look
from crawler.taken_year.verdict import WEAK, Verdict, rejected
from crawler.taken_year.words import vocabulary

_COPYRIGHT = re.compile(r"(?:\(c\)|[©ⓒ℗®]|copyright|\(r\)|copr\.?)[\s:,]*(?:\(c\)|©)?[\s:]*$")
_MONEY_BEFORE = frozenset("$€£¥#@№")
_MONEY_AFTER = frozenset("$€£¥%°×")
_SIZE_BEFORE = re.compile(r"(?:\d\s?[x×*]\s?|\d[./]|[a-z0-9]\d-|\d-|\b[a-z]{1,2}-|\+)$")
_SIZE_AFTER = re.compile(r"^(?:\s?[x×]\s?\d|[.,:/]\d|-[a-z]{0,2}\d)")
_NO_GAPS_FROM = 0x0E00  # Thai and all of East Asia, in the order of Unicode
_REACH_LEFT = {
    "digitised": 5, "uploaded": 5, "published": 4, "born": 8, "died": 8, "built": 7, "taken": 8, "verso": 9,
}  # fmt: skip
"""Tokens to the left in which each kind of verb governs the year; at the same distance the first decides."""
_REACH_RIGHT = {"digitised": 4, "uploaded": 1, "published": 1, "born": 4, "died": 4, "built": 1, "taken": 4}
_OVER_COMMA = frozenset({"born", "taken", "verso"})  # "taken in Paris, France, 1984", but "scan of a slide, 1984"


def is_identifier(look: Look) -> Verdict | None:
    """Room 1984, ISO 1600, 2048x1536, $1999, 1984 px, DSC1987, 412-555-2010."""
    mark, context = look.mark, look.context
    if mark.form in ("date", "era", "decade_word", "open"):
        return None
    folded = look.text.folded
    before, after = folded[max(0, mark.start - 4) : mark.start], folded[mark.end : mark.end + 4]
    if before[-1:] in _MONEY_BEFORE or after[:1] in _MONEY_AFTER:
        return rejected("identifier", "sign_beside")
    if mark.form != "stamp" and (_SIZE_BEFORE.search(before) or _SIZE_AFTER.match(after)):
        return rejected("identifier", "number_beside")
    if context.glued_word and not _may_be_glued(context.glued_word):
        return rejected("identifier", "letters_before")
    if mark.form == "year" and after[:1].isascii() and after[:1].isalpha():
        kinds = vocabulary().of(context.right[0]) if context.right else frozenset()
        if "filler" not in kinds:
            return rejected("identifier", "letters_after")
    if mark.form == "decade" and mark.year_min > 1000 and look.left("identifier", 1):
        return rejected("identifier", "numbered")
    if mark.form in ("year", "span") and _is_numbered(look):
        return rejected("identifier", "numbered")
    if mark.form == "year" and look.right("unit", 1):
        return rejected("identifier", "counted")
    return None


def _is_numbered(look: Look) -> bool:
    distance = look.left_kinds.get("identifier", FAR)
    between = look.context.left[:distance]
    return distance < 3 and all(token in ".:#-" for token in between)


def _may_be_glued(word: str) -> bool:
    kinds = vocabulary().of(word)
    return bool(kinds & {"circa", "month", "season", "winter", "holiday", "filler"}) or not word.isascii()


def is_address(look: Look) -> Verdict | None:
    """1945 Elm Avenue: a number, capitalised words, and a word for a street."""
    if look.mark.form not in ("year", "span"):
        return None
    if look.right("street_first", 1):
        return rejected("identifier", "address")
    left = look.context.left[:1]
    if left and left[0].endswith(vocabulary().street_endings) and look.mark.form == "year":
        # Lindenweg 1887 may be a house and Lindenweg 1962 a caption.
        return Verdict("identifier", "street_before", WEAK)
    for index, word in enumerate(look.context.plain_right[:5]):
        kinds = vocabulary().of(look.context.right[index])
        if index and "street" in kinds:
            rest = look.context.right[index + 1 : index + 3]
            return None if any("event" in vocabulary().of(w) for w in rest) else rejected("identifier", "address")
        if not (word[0].isupper() or word in "-.'" or (word[0].isdecimal() and index < 3)):
            return None
    return None


def is_copyright(look: Look) -> Verdict | None:
    """© 2009, (c) 2009, copyright 2009."""
    text = look.text.folded[max(0, look.mark.start - 24) : look.mark.start]
    if _COPYRIGHT.search(text) or look.context.right[:1] == ["©"]:
        return rejected("publication", "copyright")
    return None


def is_written_on_a_thing(look: Look) -> Verdict | None:
    """Words in quotation marks, or after "inscribed", "plate", "calendar": a date of a thing in the picture."""
    if look.left("verso", 9, over_comma=True) and not look.left("inscribed", 9):
        return None
    if look.context.is_quoted:
        return rejected("object", "quoted")
    if look.left("inscribed", 7):
        return rejected("object", "inscribed")
    return None


def is_nearest_cue(look: Look) -> Verdict | None:
    """The nearest verb decides: taken, scanned, published, born, died or built in that year."""
    best: tuple[int, str] | None = None
    for kind, reach in _REACH_LEFT.items():
        if look.left(kind, reach, over_comma=kind in _OVER_COMMA):
            distance = look.left_kinds[kind]
            if distance <= _reach_of(look.context.left[distance]):
                best = min(best or (distance, kind), (distance, kind), key=lambda pair: pair[0])
    for kind, reach in _REACH_RIGHT.items():
        # After the year: "1984 aufgenommen", "2007 gescannt".
        if look.right(kind, reach):
            distance = look.right_kinds[kind]
            offset = 1 if look.context.right[:1] == ["("] else 0
            words = look.context.right[offset:]
            if not _is_letter(words, distance):
                # 1997年生まれ: in scripts without gaps the word that is glued to the year governs it.
                rank = distance - 1 if ord(words[distance][0]) >= _NO_GAPS_FROM else distance + 1
                best = min(best or (rank, kind), (rank, kind), key=lambda pair: pair[0])
    if best is not None:
        return _verdict_of_cue(best[1])
    if look.context.left[:1] in (["*"], ["†"]):
        return rejected("birth_death", "star_or_cross")
    return None


def _reach_of(word: str) -> int:
    # "b" and "d" speak only of the year beside them, "né" of the date beside it.
    return {1: 1, 2: 3}.get(len(word), FAR) if word.isascii() else FAR


def _is_letter(tokens: list[str], distance: int) -> bool:
    return distance < len(tokens) and len(tokens[distance]) == 1 and tokens[distance].isascii()


def _verdict_of_cue(kind: str) -> Verdict:
    match kind:
        case "taken":
            return Verdict("taken", "taken_words", 0.98)
        case "verso":
            return Verdict("taken", "written_on_the_print", 0.96)
        case "digitised":
            return rejected("digitised", "scan_words")
        case "uploaded":
            return rejected("upload", "upload_words")
        case "published":
            return rejected("publication", "publication_words")
        case "built":
            return rejected("founding", "founding_words")
        case _:
            return rejected("birth_death", f"{kind}_words")


def is_since(look: Look) -> Verdict | None:
    """Since 1998: the beginning of something that was still going on."""
    if look.left("since", 2) or look.right("since", 1):
        return rejected("founding", "since")
    return None


def is_class_of(look: Look) -> Verdict | None:
    """Class of 1962: a year people carry with them."""
    return rejected("term", "class_of") if look.left("class_of", 2) else None


def is_object(look: Look) -> Verdict | None:
    """His 1938 Austin, a retro 1982 shirt, Iron Dunes (1954), Chevrolet 1957."""
    if look.mark.form not in ("year", "apostrophe", "decade", "span"):
        return None
    left, words = look.context.left, vocabulary()
    if look.left("object_lead", 2) or look.left("work", 4) or look.left("brand", 2):
        return rejected("object", "object_before")
    if left[:1] == ["("] and left[1:2] in (['"'], ["'"]) and look.context.right[:1] == [")"]:
        return rejected("object", "titled_work")
    if look.left("printed_thing", 5, over_comma=True):
        return rejected("publication", "printed_thing")
    if left[:1] == ["("] and look.context.right[:1] == [")"] and look.kind_beyond_bracket("work"):
        return rejected("object", "titled_work")
    head = ""
    for index, word in enumerate(look.noun_phrase):
        kinds = words.of(word) | words.of(" ".join(look.noun_phrase[index : index + 2]))
        if "brand" in kinds and index < 3 and not head:
            return rejected("object", "brand_after")
        head = "event" if "event" in kinds else "object" if "object" in kinds else head
    if head == "object":
        return rejected("object", "object_after")
    if head == "" and look.noun_phrase and look.left("possessive", 1):
        return rejected("object", "belongs_to_someone")
    return None
