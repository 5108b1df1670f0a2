"""Rules for numbers that are no date of the photo: identifiers, things in the picture, years of other things."""

import re

from crawler.taken_year.look import FAR, Look
from crawler.taken_year.objects import NO_GOODS
from crawler.taken_year.signs import NEVER_IDENTIFIERS
from crawler.taken_year.verdict import WEAK, Verdict, rejected
from crawler.taken_year.words import vocabulary

_COPYRIGHT = re.compile(r"(?:\(c\)|[©ⓒ℗®]|copyright|\(r\)|copr\.?)[\s:,]*(?:\(c\)|©)?[\s:]*$")
_COPYRIGHT_NEAR = re.compile(r"(?:\(c\)|©|℗)[^\d.;\n]{1,30}$")  # © Estate 2009
_COPYRIGHT_ENDS = ("(c)", "©", "ⓒ", "℗", "®", "copyright", "(r)", "copr", "copr.")
_NO_GAPS_FROM = 0x0E00  # Thai and all of East Asia, in the order of Unicode
_HOURS, _MINUTES = 24, 60
_REACH_LEFT = {
    "digitised": 5, "uploaded": 5, "acquired": 9, "published": 4, "born": 8, "died": 8, "built": 7, "taken": 8,
    "verso": 9,
}  # fmt: skip
"""Tokens to the left in which each kind of verb governs the year; at the same distance the first decides."""
_REACH_RIGHT = {"digitised": 4, "uploaded": 1, "published": 1, "born": 4, "died": 4, "built": 1, "taken": 4}
_CUE_ORDER = {kind: place for place, kind in enumerate(_REACH_LEFT)}
_CUES = frozenset({*_REACH_LEFT, *_REACH_RIGHT})
_OVER_DATE_COMMA = frozenset({"digitised", "uploaded"})  # scanned March 3, 2011
_OVER_COMMA = frozenset(
    {"born", "taken", "verso", "acquired"}
)  # "taken in Paris, France, 1984", but "scan of a slide, 1984"


def is_identifier(look: Look) -> Verdict | None:
    """Room 1984, ISO 1600, 2048x1536, $1999, 1984 px, DSC1987, 412-555-2010."""
    mark, context = look.mark, look.context
    if mark.form in NEVER_IDENTIFIERS:
        return None
    after = look.text.folded[mark.end : mark.end + 1]
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
    if mark.form == "year" and look.right("unit", 1) and not look.right("event", 3):
        return rejected("identifier", "counted")
    if mark.form == "year" and context.left[:1] == ["at"] and not look.noun_phrase and _is_clock(mark.year_min):
        return rejected("identifier", "time_of_day")  # dinner at 1930
    return None


def _is_clock(number: int) -> bool:
    return number // 100 < _HOURS and number % 100 < _MINUTES


def _is_numbered(look: Look) -> bool:
    distance = look.left_kinds.get("identifier", FAR)
    if distance < len(look.context.left) - 1 and "photo" in vocabulary().of(look.context.left[distance]):
        return False  # "School photo 1983", but "Photo 1983"
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
    if look.mark.form == "year" and look.left("street_lead", 3) and not look.left("street_lead", 1):
        return Verdict("identifier", "street_before", WEAK)  # Calle Mayor 1950
    if "street" not in look.right_kinds:
        return None
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
    if (text.rstrip(" :,\t\n").endswith(_COPYRIGHT_ENDS) and _COPYRIGHT.search(text)) or look.context.right[:1] == [
        "©"
    ]:
        return rejected("publication", "copyright")
    if ("©" in look.context.left or ")" in look.context.left) and _COPYRIGHT_NEAR.search(
        look.text.folded[max(0, look.mark.start - 34) : look.mark.start]
    ):
        return rejected("publication", "copyright")
    return None


def is_nearest_cue(look: Look) -> Verdict | None:
    """The nearest verb decides: taken, scanned, published, born, died or built in that year."""
    best: tuple[int, int, str] | None = None
    if look.left("byline", over_comma=True) and not (look.left("taken", over_comma=True) or look.right("taken", 2)):
        return rejected("digitised", "byline")  # scanned by Foto Max, 2012
    if _CUES.isdisjoint(look.left_kinds) and _CUES.isdisjoint(look.right_kinds):
        return rejected("birth_death", "star_or_cross") if look.context.left[:1] in (["*"], ["†"]) else None
    for kind, distance in look.left_kinds.items():
        reach = _REACH_LEFT.get(kind, 0)
        comma = look.clause_comma if kind in _OVER_DATE_COMMA and look.source != "text" else look.left_comma
        if distance >= reach or (distance >= comma and kind not in _OVER_COMMA):
            continue
        if kind not in ("born", "died") or distance <= _reach_of(look.context.left[distance], kind):
            best = min(best, (distance, _CUE_ORDER[kind], kind)) if best else (distance, _CUE_ORDER[kind], kind)
    words = look.context.right[1:] if look.context.right[:1] == ["("] else look.context.right
    for kind, distance in look.right_kinds.items():
        # After the year: "1984 aufgenommen", "2007 gescannt".
        if distance >= _REACH_RIGHT.get(kind, 0) or _is_letter(words, distance):
            continue
        # 1997年生まれ: in scripts without gaps the word that is glued to the year governs it.
        rank = distance - 1 if ord(words[distance][0]) >= _NO_GAPS_FROM else distance + 1
        order = len(_CUE_ORDER) + _CUE_ORDER[kind]
        best = min(best, (rank, order, kind)) if best else (rank, order, kind)
    if best is not None and best[2] == "digitised" and not best[0] and _names_a_thing(look):
        return rejected("object", "restored_thing")  # restored 1923 Bugatti
    if best is not None and not (best[2] == "published" and best[0] and _is_headed(look)):
        return _verdict_of_cue(best[2])
    if look.context.left[:1] in (["*"], ["†"]):
        return rejected("birth_death", "star_or_cross")
    return None


def _names_a_thing(look: Look) -> bool:
    return any(vocabulary().of(word) & {"brand", "goods"} for word in look.noun_phrase[:2])


def _is_headed(look: Look) -> bool:
    # Release party 2008, cover band 1997
    return bool(look.context.left and vocabulary().of(look.context.left[0]) & NO_GOODS)


def _reach_of(word: str, kind: str) -> int:
    # "b" and "d" speak only of the year beside them, "né" of the date beside it.
    if kind not in vocabulary().of(word):
        return FAR  # the last word of a phrase: né à Nantes en 1922
    if word == "classe":
        return 1  # "classe 1934" are Italians born then, "Classe de Mlle Petit, juin 1939" are French pupils
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
        case "acquired":
            return rejected("publication", "acquisition_words")
        case "built":
            return rejected("founding", "founding_words")
        case _:
            return rejected("birth_death", f"{kind}_words")


def is_since(look: Look) -> Verdict | None:
    """Since 1998: the beginning of something that was still going on."""
    if look.left("life_event", 2):
        return rejected("narrative", "life_event")
    if look.left("since", 2) or look.right("since", 1):
        return rejected("founding", "since")
    return None


def is_class_of(look: Look) -> Verdict | None:
    """Class of 1962: a year people carry with them."""
    return rejected("term", "class_of") if look.left("class_of", 2) else None
