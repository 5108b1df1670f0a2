"""Rules for numbers that are no date of the photo: identifiers, things in the picture, years of other things."""

import re

from crawler.taken_year.look import FAR, Look
from crawler.taken_year.signs import NEVER_IDENTIFIERS
from crawler.taken_year.verdict import WEAK, Verdict, rejected
from crawler.taken_year.words import vocabulary

_COPYRIGHT = re.compile(r"(?:\(c\)|[©ⓒ℗®]|copyright|\(r\)|copr\.?)[\s:,]*(?:\(c\)|©)?[\s:]*$")
_COPYRIGHT_ENDS = ("(c)", "©", "ⓒ", "℗", "®", "copyright", "(r)", "copr", "copr.")
_NO_GAPS_FROM = 0x0E00  # Thai and all of East Asia, in the order of Unicode
_LEAD_LETTERS = 48  # of words before a quotation: "On the back in ink:"
_VERSO_LEAD = re.compile(
    r"(?:on (?:the )?(?:back|reverse|verso)|verso|pencill?ed|rückseite|ruckseite|au dos|al dorso|no verso)\b[^\"]*$"
)
_CATALOGUER_LETTERS = 70  # letters from which a title describes what is seen
_LASTING = re.compile(r"grave|tombstone|headstone|cornerstone|monument|memorial|plaque|birth|died|mural|statue")
_REACH_LEFT = {
    "digitised": 5, "uploaded": 5, "acquired": 9, "published": 4, "born": 8, "died": 8, "built": 7, "taken": 8,
    "verso": 9,
}  # fmt: skip
"""Tokens to the left in which each kind of verb governs the year; at the same distance the first decides."""
_REACH_RIGHT = {"digitised": 4, "uploaded": 1, "published": 1, "born": 4, "died": 4, "built": 1, "taken": 4}
_CUE_ORDER = {kind: place for place, kind in enumerate(_REACH_LEFT)}
_CUES = frozenset({*_REACH_LEFT, *_REACH_RIGHT})
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
    if mark.form == "year" and look.right("unit", 1):
        return rejected("identifier", "counted")
    return None


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
    return None


def is_written_on_a_thing(look: Look) -> Verdict | None:
    """Words in quotation marks, or after "inscribed", "plate", "calendar": a date of a thing in the picture."""
    if look.left("verso", 9, over_comma=True) and not look.left("inscribed", 9):
        return None
    if look.context.is_quoted:
        opening = look.text.folded.rfind('"', 0, look.mark.start)
        lead = look.text.folded[max(0, opening - _LEAD_LETTERS) : max(opening, 0)]
        if _VERSO_LEAD.search(lead):
            return Verdict("taken", "written_on_the_print", 0.96)
        return _dated_thing(look) or rejected("object", "quoted")
    if look.left("inscribed", 7):
        return _dated_thing(look) or rejected("object", "inscribed")
    return None


def _dated_thing(look: Look) -> Verdict | None:
    # A cataloguer who reads "July 8, 1964" off a banner or finds a calendar open at March 1946 dates the photo by it;
    # a short title that names a calendar, or any stone, does not.
    if look.source not in ("title", "text") or len(look.text.plain) < _CATALOGUER_LETTERS:
        return None
    if not (look.left("month", 3) or look.right("month", 1) or look.mark.precision in ("day", "month")):
        return None
    if look.mark.form not in ("year", "date") or _LASTING.search(look.text.folded):
        return None
    return Verdict("caption", "dated_thing", 0.905)


def is_nearest_cue(look: Look) -> Verdict | None:
    """The nearest verb decides: taken, scanned, published, born, died or built in that year."""
    best: tuple[int, int, str] | None = None
    if _CUES.isdisjoint(look.left_kinds) and _CUES.isdisjoint(look.right_kinds):
        return rejected("birth_death", "star_or_cross") if look.context.left[:1] in (["*"], ["†"]) else None
    for kind, distance in look.left_kinds.items():
        reach = _REACH_LEFT.get(kind, 0)
        if distance >= reach or (distance >= look.left_comma and kind not in _OVER_COMMA):
            continue
        if kind not in ("born", "died") or distance <= _reach_of(look.context.left[distance]):
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
    if best is not None:
        return _verdict_of_cue(best[2])
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


def is_object(look: Look) -> Verdict | None:
    """His 1938 Austin, a retro 1982 shirt, Iron Dunes (1954), Chevrolet 1957."""
    if look.mark.form not in ("year", "apostrophe", "decade", "span"):
        return None
    left, words = look.context.left, vocabulary()
    if look.left("object_lead", 2) or look.left("work", 4) or look.left("brand", 2):
        return rejected("object", "object_before")
    if left[:1] == ["("] and left[1:2] in (['"'], ["'"]) and look.context.right[:1] == [")"]:
        return rejected("object", "titled_work")
    if look.left("fashion", 4) or look.right("fashion", 3):
        return rejected("object", "named_ahead")
    if left[:1] == ["the"] and not look.noun_phrase and look.mark.form == "year":
        return rejected("object", "name_of_a_thing")  # The 1975 on stage
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
        return _dated_thing(look) or rejected("object", "object_after")
    if head == "" and look.noun_phrase and look.left("possessive", 1):
        return rejected("object", "belongs_to_someone")
    return None
