"""Rules for dates that may be the photo's own: spans, bounds, editions of events, bare captions."""

import re

from crawler.taken_year.look import FAR, Look
from crawler.taken_year.verdict import CIRCA_WIDTH, WEAK, Verdict, rejected
from crawler.taken_year.words import has_piece, vocabulary

LONG_TEXT = 220
"""Letters from which a description tells a story, in which bare years are years of the story."""

_LONGEST_CAPTION_SPAN = 12  # years; wider spans without "circa" are lives, terms and collections
_FILM_STILL = re.compile(
    r"(?<!\w)(?:(?:film|movie|production|scene|publicity) stills?|stills?|szenenfoto|standfoto|filmstill|fotograma"
    r"|photogramme|fotogramma|scene) (?:from|of|aus|von|de|du|da|di|tratto da|shot)(?!\w)"
)
STILL_PIECES = ("still", "scene", "foto", "photogramme")
_STILL_LETTERS = 80
_DATE_WORDS = {"filler", "month", "season", "circa", "winter", "holiday", "early", "mid", "late"}
_SHORT_TITLE = 90  # letters; in longer texts a year before a noun is an adjective
_SINGLE_FORMS = ("year", "apostrophe", "ocr")
PARTS = (("early", (0, 3)), ("mid", (4, 6)), ("late", (7, 9)))
"""Years of a decade, as the annotation guideline has them."""


def is_age(look: Look) -> Verdict | None:
    """In his fifties, in her 40s; 30s exposure."""
    mark, context = look.mark, look.context
    words = look.text.folded[mark.start : mark.end]
    if mark.form not in ("decade", "decade_word") or words[:4].isdecimal():
        return None
    if any("age_lead" in vocabulary().of(token) for token in context.left[:3]):
        return rejected("identifier", "age")
    if re.fullmatch(r"\d\d ?s", words) and context.before != "'" and not look.left("decade_lead", 3):
        return rejected("identifier", "bare_decade")
    return None


def is_one_sided(look: Look) -> Verdict | None:
    """Before 1950, after 1960: one bound is no year."""
    if look.mark.precision == "day":
        return None
    for kind in ("before", "after"):
        # "v roce 1937 na vojně": only some words follow the year they bound.
        if _is_adjacent(look, kind) or (look.right(kind, 1) and look.right("behind", 1)):
            return rejected("bound", kind)
    if look.context.before == "-" and look.context.left[1:2] and _bounds(look.context.left[1]):
        return rejected("bound", "before" if "before" in vocabulary().of(look.context.left[1]) else "after")
    return None


def _bounds(word: str) -> bool:
    return word in ("pre", "post", "ante")  # pre-1900, post-1960


def _is_adjacent(look: Look, kind: str) -> bool:
    distance = look.left_kinds.get(kind, FAR)
    if distance >= 4 or distance >= look.left_comma:
        return False
    words = vocabulary()
    return all(
        token.isdecimal() or token in ".'([~" or words.of(token) & _DATE_WORDS for token in look.context.left[:distance]
    )


def is_approximate(look: Look) -> bool:
    """Tell whether the writer marked the date as approximate: c. 1955, um 1925, 1955?, 1955年頃."""
    left = look.context.left
    if _is_adjacent(look, "circa") or look.context.glued_word in ("c", "ca", "circa", "cca"):
        return True
    if left[:1] in (["~"], ["±"], ["?"]):
        return True
    return look.context.right[:1] == ["?"] or look.right_kinds.get("circa_after", FAR) < 3


def is_span(look: Look) -> Verdict | None:
    """1932-1934: a taken range, a life, a term of office or a collection, told apart by width and neighbours."""
    mark = look.mark
    width = mark.year_max - mark.year_min
    if mark.form != "span":
        return None
    if width <= 0:
        return rejected("identifier", "span_backwards")
    says_when = is_approximate(look) or _is_adjacent(look, "between")
    if says_when and not look.is_in_brackets:
        return Verdict("caption", "span", 0.95, mark.year_min, mark.year_max)
    if look.left("term", 6, over_comma=True) and width > 1:
        return rejected("term", "term_words")
    if width <= _LONGEST_CAPTION_SPAN or look.is_alone:
        rule = "span_of_a_thing" if look.noun_phrase and look.context.left else "span"  # the 1966-67 basketball team
        return Verdict("caption", rule, 0.92, mark.year_min, mark.year_max)
    return rejected("birth_death", "long_span")


def is_yearbook(look: Look) -> Verdict | None:
    """Yearbook 1965: the school year that ended in it."""
    if look.mark.form != "year" or not (look.left("yearbook", 3) or look.right("yearbook", 2)):
        return None
    year = look.mark.year_max
    return Verdict("caption", "yearbook", 0.93, year - 1, year)


def is_film_still(look: Look) -> Verdict | None:
    """Still from "Iron Dunes" (1954): shot in the year of release or the year before."""
    if look.mark.form != "year" or not look.is_in_brackets or not has_piece(look.text.folded, STILL_PIECES):
        return None
    if not _FILM_STILL.search(look.text.folded[max(0, look.mark.start - _STILL_LETTERS) : look.mark.start]):
        return None
    year = look.mark.year_max
    return Verdict("caption", "film_still", 0.92, year - 1, year)


def is_decade(look: Look) -> Verdict | None:
    """The 1970s, early fifties, Ende der 1960er, 1950年代."""
    mark = look.mark
    if mark.form not in ("decade", "decade_word", "open"):
        return None
    if look.context.right[:1] and vocabulary().of(look.context.right[0]) & {"object", "brand"}:
        return rejected("object", "style_of_a_decade")
    first, last = mark.year_min, mark.year_max
    if last - first == 9:
        for kind, (start, end) in PARTS:
            if look.left_kinds.get(kind, FAR) < 4 or kind in _kinds_directly_after(look):
                return Verdict("caption", f"{kind}_decade", 0.95, first + start, first + end)
    return Verdict("caption", "decade", 0.95, first, last)


def _kinds_directly_after(look: Look) -> set[str]:
    return {kind for kind, distance in look.right_kinds.items() if distance < 1}


def is_circa(look: Look) -> Verdict | None:
    """C. 1955, um 1925, около 1960: one year, give or take two."""
    if look.mark.form == "span" or not is_approximate(look):
        return None
    year = look.mark.year_min
    if look.mark.precision in ("day", "month") or look.left_kinds.get("month", FAR) < 2:
        return None
    return Verdict("caption", "circa", 0.93, year - CIRCA_WIDTH, year + CIRCA_WIDTH)


def is_event(look: Look) -> Verdict | None:
    """The 1955 Home Service Fair: the edition of an event, held in that year."""
    if look.mark.form not in _SINGLE_FORMS:
        return None
    words = vocabulary()
    phrase = look.noun_phrase
    for index in range(len(phrase) - 1, -1, -1):
        kinds = words.of(phrase[index]) | words.of(" ".join(phrase[index : index + 2]))
        if "event" in kinds:
            return Verdict("event", "edition", 0.93)
    return None


def is_narrative(look: Look) -> Verdict | None:
    """In 1963 he moved to Paris: a year of the story."""
    mark = look.mark
    if mark.form not in (*_SINGLE_FORMS, "decade") or look.source not in ("description", "page_text"):
        return None
    if look.left("history", 9) or look.right("history", 4):
        return rejected("narrative", "story_words")
    if stands_alone(look):
        return Verdict("caption", "own_sentence", 0.95)
    if len(look.text.plain) > LONG_TEXT and not look.left("month", 3) and mark.form != "ocr":
        return Verdict("narrative", "long_text", WEAK)
    return None


def stands_alone(look: Look) -> bool:
    """Tell whether the date is a sentence or line of its own: "... in the garden. June 1967." """
    words = vocabulary()
    return all(
        not token[0].isalpha() or words.of(token) & _DATE_WORDS for token in (*look.context.left, *look.context.right)
    )


def is_caption(look: Look) -> Verdict | None:
    """A bare date beside the subject, the last rule."""
    mark, context = look.mark, look.context
    if look.source == "page_text":
        labelled = look.left("date_label", 4)
        return Verdict("taken", "date_label", 0.93) if labelled else Verdict("caption", "page_text", WEAK)
    if mark.form == "ocr" and not (look.left("month", 3) or is_approximate(look)):
        return rejected("identifier", "look_alike")
    has_month = look.has_month_before or look.right("month", 2)
    if mark.precision == "day" or has_month:
        return Verdict("caption", "date", 0.96)
    if len(context.left) > 1 and context.left[0].isalpha() and re.fullmatch("[12]?[0-9]|3[01]", context.left[1]):
        return Verdict("caption", "date_in_unknown_words", 0.93)  # 26 ліпеня 1945, 15 Agustus 1945
    if look.mark.form == "apostrophe":
        return Verdict("caption", "apostrophe_year", 0.92)
    if mark.form != "era" and look.noun_phrase and context.left[:1] and not _is_good_front(look):
        return Verdict("caption", "modifier", WEAK)
    return Verdict("caption", "year", 0.94)


def _is_good_front(look: Look) -> bool:
    # "Paris 2008 sunset" is a caption, "with 1949 flag" and "in 1982 Brazil colours" are not.
    first = look.context.left[0]
    if not first.isalpha() or len(look.text.plain) > _SHORT_TITLE:
        return False
    return not vocabulary().of(first) & {"filler", "phrase_end", "possessive"}
