"""Words and tags as the site compares them."""

import html
import re
import unicodedata
from functools import lru_cache

_MACHINE_TAG = re.compile(r"[a-zA-Z]\w*:\w+=.+")
_MARKUP = re.compile(r"<[^>]*>")
_WORD = re.compile(r"\w+")


@lru_cache(4096)
def is_machine_tag(tag: str) -> bool:
    """Say whether `tag` is of the form namespace:predicate=value."""
    return _MACHINE_TAG.fullmatch(tag) is not None


@lru_cache(4096)
def normal_tag(tag: str) -> str:
    """Return the tag as the site lists it: lower case, letters and digits only ("Chief Bert" is chiefbert)."""
    return "".join(_WORD.findall(unicodedata.normalize("NFC", tag).lower())).replace("_", "")


def words_of(text: str) -> list[str]:
    """Return the words of `text` (HTML or plain) without case, accents, markup and underscores."""
    plain = html.unescape(_MARKUP.sub(" ", text)).casefold()
    folded = "".join(letter for letter in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(letter))
    return _WORD.findall(folded.replace("_", " "))
