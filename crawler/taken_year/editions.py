"""Years of events in two digits (France 98, Expo 92, Xmas 78), and events held later than their name says."""

from crawler.taken_year.words import vocabulary

HOSTS: dict[str, frozenset[int]] = {
    "france": frozenset({1938, 1998}), "italia": frozenset({1990}), "mexico": frozenset({1968, 1970, 1986}),
    "espana": frozenset({1982}), "argentina": frozenset({1978}), "usa": frozenset({1994}),
    "england": frozenset({1966}), "munich": frozenset({1972}), "munchen": frozenset({1972}),
    "montreal": frozenset({1976}), "moscow": frozenset({1980}), "angeles": frozenset({1984}),
    "seoul": frozenset({1988}), "calgary": frozenset({1988}), "barcelona": frozenset({1992}),
    "albertville": frozenset({1992}), "lillehammer": frozenset({1994}), "atlanta": frozenset({1996}),
    "nagano": frozenset({1998}), "sarajevo": frozenset({1984}), "innsbruck": frozenset({1964, 1976}),
    "grenoble": frozenset({1968}), "sapporo": frozenset({1972}), "helsinki": frozenset({1952}),
    "melbourne": frozenset({1956}), "rome": frozenset({1960}), "roma": frozenset({1960}),
}  # fmt: skip
"""Places that gave their name to games and championships, folded, with the years in which these were held."""

POSTPONED: dict[int, tuple[dict[str, tuple[int, int]], frozenset[str]]] = {
    2020: (
        {
            "euro": (2021, 2021), "olympics": (2021, 2021), "olympic": (2021, 2021), "paralympics": (2021, 2021),
            "paralympic": (2021, 2021), "expo": (2021, 2022),
        },
        frozenset({"tokyo", "tokio", "東京", "токио"}),
    ),
}  # fmt: skip
"""Words beside a year that name an event held in other years, and places that may be named for it or for themselves."""

_LAST_DAY = 31
_UNITS = frozenset({"unit", "month"})


def year_of_edition(text: str, start: int, end: int, *, latest: int) -> int | None:
    """Return the year that two digits after a word mean: an event, a season, a holiday; None where they are a number.

    `text` is folded; a year is of the latest century that is not after `latest`.
    """
    following = text[end : end + 1]
    if following.isalnum() or following in ("'", "%", ":", "°", "-", "/", "+", "€", "$"):
        return None
    if following in (".", ",") and text[end + 1 : end + 2].isdecimal():
        return None
    word = text[text.rfind(" ", 0, start - 1) + 1 : start - 1].strip("(\"'#[.")
    if word.startswith("-") or not word:
        return None
    short = int(text[start:end])
    year = short + 100 * ((latest - short) // 100)
    if word in HOSTS:
        return year if year in HOSTS[word] else None
    kinds = vocabulary().of(word)
    is_series = "edition_lead" in kinds
    if not is_series and not kinds & {"season", "winter", "holiday", "month"}:
        return None
    if "month" in kinds and (short <= _LAST_DAY or kinds & {"filler", "phrase_end"}):
        return None
    if not is_series and short <= _LAST_DAY and text[start] != "0":
        return None  # Easter 12 may be a count
    after = text[end : end + 24].split()
    if following == " " and any(vocabulary().of(word.strip(".,;:!?)")) & _UNITS for word in after[:2]):
        return None
    return year
