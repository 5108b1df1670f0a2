"""Other forms of a name, for a site that has nothing for the name as it is written."""

import re
from dataclasses import dataclass
from typing import Literal

from crawler.names import Name

FormKind = Literal["no-initial", "transliterated"]

_INITIAL = re.compile(r"[^\W\d_]\.?")
_FEWEST_WORDS = 2  # a first name alone is nobody's name


@dataclass(frozen=True)
class NameForm:
    """One other form: what is changed, and the search phrase in quotes."""

    kind: FormKind
    phrase: str


def other_forms(name: Name) -> list[NameForm]:
    """Return the other forms of a name, likeliest first, none twice, and none that is the name itself.

    Without middle initials (George W Bush: "George Bush"), in plain letters (José: Jose, Владимир: Vladimir), both.
    """
    bare = without_initials(name.display_name)
    forms = [
        NameForm("no-initial", _phrase(bare)),
        NameForm("transliterated", _phrase(in_plain_letters(name.display_name))),
        NameForm("transliterated", _phrase(in_plain_letters(bare))),
    ]
    first = {form.phrase: form for form in reversed(forms)}
    told = {name.phrase, _phrase("")}
    return [form for form in forms if first[form.phrase] is form and form.phrase not in told]


def without_initials(text: str) -> str:
    """Return a name less its middle initials; those in front and at the end stay, they may be all there is."""
    words = text.split(" ")
    middle = [word for word in words[1:-1] if not _INITIAL.fullmatch(word)]
    return " ".join([words[0], *middle, words[-1]]) if len(words) > _FEWEST_WORDS else text


def in_plain_letters(text: str) -> str:
    """Return a name in the 26 letters, as anyascii spells it; "" where nothing is left that could be a name."""
    if text.isascii():
        return text
    from anyascii import anyascii  # its tables are read from files, and few names need them

    plain = " ".join(anyascii(text).replace('"', " ").split())
    return plain if any(letter.isalpha() for letter in plain) else ""


def _phrase(text: str) -> str:
    return f'"{text}"'
