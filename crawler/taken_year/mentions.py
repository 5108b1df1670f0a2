"""Rules for years that people and goods carry with them: champions, survivors, a jersey of 1982, Tokyo 2020."""

from crawler.taken_year.editions import POSTPONED
from crawler.taken_year.look import FAR, Look
from crawler.taken_year.verdict import WEAK, Verdict, rejected
from crawler.taken_year.words import vocabulary

_FORMS = ("year", "apostrophe", "ocr")
_FORMER_REACH = 3  # tokens: former Miss Denmark 1969
_CLUB_REACH = 2  # tokens: FC Schalke 1904
_YOUNGEST_CLUB = 1935  # clubs founded later do not bear the year
_RECALLED_REACH = 3  # tokens, small words all: survivor of the 1906 earthquake
_GOODS_REACH = 4  # tokens between a thing and its year: maillot de l'équipe de 1982
_HONOUR_REACH = 4  # tokens: the 1974 world chess champion


def is_recalled(look: Look) -> Verdict | None:
    """In memory of 1916, survivor of the 1906 earthquake, 1974 champion Bo Falk, former Miss Denmark 1969."""
    if look.mark.form not in _FORMS or _is_dated_closely(look):
        return None
    words = vocabulary()
    distance = look.left_kinds.get("recalls", FAR)
    if distance < _RECALLED_REACH and all("filler" in words.of(token) for token in look.context.left[:distance]):
        return rejected("anniversary", "remembered")
    if look.left("former", _FORMER_REACH):
        return rejected("term", "former")
    if look.left("club", _CLUB_REACH) and look.mark.year_min <= _YOUNGEST_CLUB:
        return rejected("founding", "club")
    kinds = [words.of(word) for word in look.noun_phrase[:_HONOUR_REACH]]
    if any("honour" in kind for kind in kinds) and not any("event" in words.of(word) for word in look.noun_phrase):
        return rejected("term", "honour")
    return None


def is_postponed(look: Look) -> Verdict | None:
    """Euro 2020, Tokyo 2020: events that kept the name of the year before they were held."""
    if look.mark.year_min not in POSTPONED or look.left("month", 3) or look.right("month", 2):
        return None
    near = {*look.context.left[:2], *look.context.right[:3]}
    first, last = POSTPONED[look.mark.year_min]
    for word in near & first.keys():
        return Verdict("event", "postponed", 0.92, *first[word])
    # A city may be named for itself.
    return Verdict("caption", "postponed_city", WEAK) if near & last else None


def is_of_goods(look: Look) -> Verdict | None:
    """Maillot de 1982, Trikot von 1974, a dress from 1955: the year of a thing in the picture."""
    if look.mark.form not in (*_FORMS, "decade") or _is_dated_closely(look):
        return None
    distance = look.left_kinds.get("goods", FAR)
    if distance > _GOODS_REACH or distance >= look.left_comma or look.left_kinds.get("of_lead", FAR) > 0:
        return None
    # "Foto vom Haus von 1955" may be of the photo; "film de 1982" is not.
    return None if look.left("photo", distance + 4) else rejected("object", "goods_of")


def _is_dated_closely(look: Look) -> bool:
    return (look.mark.precision != "year" and look.mark.form != "decade") or look.left("month", 2)
