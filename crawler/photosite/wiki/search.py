"""Finding file pages: words, phrases and the few keywords of the search language that a crawl for people needs.

mediawiki.org/wiki/Help:CirrusSearch: `"a phrase"`, `-word`, `filetype:bitmap|drawing`, `filemime:`,
`haswbstatement:P180=Q1|P180=Q2`, `incategory:"Name"`, `intitle:`. Other words before a colon are words.
"""

import re
from collections.abc import Iterable, Sequence

from crawler.photosite.tags import words_of
from crawler.photosite.wiki.files import WikiFile

DEPICTS = "P180"
_MIXER = 2_654_435_761  # Knuth's multiplier: an order that is steady and not that of the ids
_TERM = re.compile(
    r'([-!]?)(?:(filetype|filemime|haswbstatement|incategory|intitle):)?(?:"([^"]*)"|(\S+))', re.IGNORECASE
)
_FIELD_BREAK = " | "  # no word: a phrase cannot run from one field into the next


class FileIndex:
    """All file pages, ready to be searched, and the categories they are in."""

    def __init__(self, files: Sequence[WikiFile]) -> None:
        self.files = list(files)
        self.by_pageid = {file.pageid: file for file in self.files}
        self.by_key = {file.key: file for file in self.files}
        self.by_category: dict[str, list[WikiFile]] = {}
        self._texts: dict[int, str] = {}
        self._with_word: dict[str, set[int]] = {}
        self._with_statement: dict[str, set[int]] = {}
        self._with_type: dict[str, set[int]] = {}  # MIME types and kinds of media
        for file in self.files:
            self._add(file)

    def _add(self, file: WikiFile) -> None:
        fields = [words_of(text) for text in file.texts]
        self._texts[file.pageid] = _FIELD_BREAK.join(f" {' '.join(words)} " for words in fields)
        for word in {word for words in fields for word in words}:
            self._with_word.setdefault(word, set()).add(file.pageid)
        for item in file.depicts:
            self._with_statement.setdefault(f"{DEPICTS}={item}", set()).add(file.pageid)
        if file.has_file:
            for kind in (file.mime, file.mediatype):
                self._with_type.setdefault(kind, set()).add(file.pageid)
        for category in file.categories:
            self.by_category.setdefault(category, []).append(file)

    def search(self, query: str, *, sort: str = "relevance") -> list[WikiFile]:
        """Return the pages found, in a steady order: first those whose title has the first words, else by no rule."""
        found: set[int] | None = None
        first: list[str] = []
        for minus, keyword, phrase, word in _TERM.findall(query):
            value = phrase or word
            hits = self._with_keyword(keyword.lower(), value) if keyword else self._with_phrase(words_of(value))
            if not (first or keyword or minus):
                first = words_of(value)
            if minus:
                found = (set(self.by_pageid) if found is None else found) - hits
            else:
                found = hits if found is None else found & hits
        files = self.files if found is None else [self.by_pageid[pageid] for pageid in found]
        if sort.startswith("create_timestamp"):
            return sorted(files, key=lambda file: (file.uploaded, file.pageid), reverse=sort.endswith("desc"))
        start = f" {' '.join(first)} "

        def relevance(file: WikiFile) -> tuple[bool, int, int]:
            is_in_title = start in f" {' '.join(words_of(file.name))} "
            return not is_in_title, file.pageid * _MIXER % 2**32, file.pageid

        return sorted(files, key=relevance)

    def _with_keyword(self, keyword: str, value: str) -> set[int]:
        values = value.split("|")
        if keyword == "haswbstatement":
            return _union(self._with_statement.get(one.upper(), set()) for one in values)
        if keyword == "incategory":
            return _union({file.pageid for file in self.by_category.get(_normal(one), ())} for one in values)
        if keyword == "intitle":
            phrase = f" {' '.join(words_of(value))} "
            return {file.pageid for file in self.files if phrase in f" {' '.join(words_of(file.name))} "}
        return _union(self._with_type.get(one if keyword == "filemime" else one.upper(), set()) for one in values)

    def _with_phrase(self, words: list[str]) -> set[int]:
        if not words:
            return set(self.by_pageid)
        candidates = set.intersection(*(self._with_word.get(word, set()) for word in words))
        phrase = f" {' '.join(words)} "
        return {pageid for pageid in candidates if phrase in self._texts[pageid]}


def _union(sets: Iterable[set[int]]) -> set[int]:
    first, *others = sets
    return first.union(*others) if others else first


def _normal(category: str) -> str:
    return " ".join(category.replace("_", " ").split())
