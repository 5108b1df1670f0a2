"""Rules for years of things in the picture: a car, a film, a jersey, and what is written on a sign."""

import re

from crawler.taken_year.look import FAR, Look
from crawler.taken_year.verdict import Verdict, rejected
from crawler.taken_year.words import vocabulary

_LEAD_LETTERS = 48  # of words before a quotation: "On the back in ink:"
_VERSO_LEAD = re.compile(
    r"(?:on (?:the )?(?:back|reverse|verso)|verso|pencill?ed|rückseite|ruckseite|au dos|al dorso|no verso)\b[^\"]*$"
)
_CATALOGUER_LETTERS = 70  # letters from which a title describes what is seen
_LASTING = re.compile(r"grave|tombstone|headstone|cornerstone|monument|memorial|plaque|birth|died|mural|statue")
_GOODS = frozenset({"object", "brand", "goods", "work"})
NO_GOODS = frozenset({"event", "people"})
"""Kinds of a noun right before a year that tell what the year is of, whatever stands before it."""


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
    if not (look.has_month_before or look.right("month", 1) or look.mark.precision in ("day", "month")):
        return None
    if look.mark.form not in ("year", "date") or _LASTING.search(look.text.folded):
        return None
    return Verdict("caption", "dated_thing", 0.905)


def _is_of_object_before(look: Look) -> bool:
    left, words = look.context.left, vocabulary()
    head = words.of(left[0]) if left else frozenset()
    if look.left("object_lead", 1):
        return True
    if look.left("object_lead", 2) and head & _GOODS:
        return True  # a retro shirt 1982, but New York 1969
    if head & NO_GOODS:
        return False  # book signing 1995, Champagne reception 2001
    distance = look.left_kinds.get("brand", FAR)
    if distance < min(2, look.left_comma) and not (distance and "place" in head):
        # Mrs Lincoln 1954, the Hudson River 1959
        return not any("honorific" in words.of(token) for token in left[distance + 1 : distance + 2])
    return look.left("work", 4)


def is_object(look: Look) -> Verdict | None:
    """His 1938 Austin, a retro 1982 shirt, Iron Dunes (1954), Chevrolet 1957."""
    if look.left("printed_thing", 9, over_comma=True):
        return rejected("publication", "printed_thing")
    if look.mark.form not in ("year", "apostrophe", "decade", "span"):
        return None
    left, words = look.context.left, vocabulary()
    if _is_of_object_before(look):
        return rejected("object", "object_before")
    if left[:1] == ["("] and left[1:2] in (['"'], ["'"]) and look.context.right[:1] == [")"]:
        return rejected("object", "titled_work")
    if look.left("fashion", 4) or look.right("fashion", 3):
        return rejected("object", "named_ahead")
    if left[:1] == ["the"] and not look.noun_phrase and look.mark.form == "year":
        return rejected("object", "name_of_a_thing")  # The 1975 on stage
    if left[:1] == ["("] and look.context.right[:1] == [")"] and look.kind_beyond_bracket("work"):
        return rejected("object", "titled_work")
    if look.right("object", 1) and not look.context.right[0].isascii():
        return rejected("object", "object_after")  # 1972年式
    head = ""
    for index, word in enumerate(look.noun_phrase):
        kinds = words.of(word) | words.of(" ".join(look.noun_phrase[index : index + 2]))
        if "brand" in kinds and index < 3 and not head:
            return rejected("object", "brand_after")
        # The 1955 hotel staff are no hotel.
        head = "event" if "event" in kinds else "" if "people" in kinds else "object" if "object" in kinds else head
    if head == "object":
        return _dated_thing(look) or rejected("object", "object_after")
    if head == "" and look.noun_phrase and look.left("possessive", 1):
        return rejected("object", "belongs_to_someone")
    return None
