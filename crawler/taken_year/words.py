"""The vocabulary: one JSON file a language, merged into one dictionary from a word to what it may mean.

All languages are searched at once: captions mix them, and a site's idea of the language is often wrong. A kind is
asked for only where it makes sense (a circa word beside a year), so that clashes between languages stay rare.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from importlib import resources

from crawler.taken_year.clean import fold

_LONGEST_PHRASE = 3  # words in the longest phrase of a vocabulary file
_SHORTEST_PREFIX = 3  # letters before the * of a stem
_NO_WORD_GAPS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_MOST_SEEN = 100_000  # words remembered, a few megabytes
_NOTHING: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Vocabulary:
    """Words of all languages, folded; `inner` are those of scripts that write without gaps between words."""

    kinds: dict[str, frozenset[str]]
    stems: dict[str, frozenset[str]]
    inner: tuple[tuple[str, str], ...]
    decades: dict[str, int]
    relative: dict[str, str]
    feasts: dict[str, int]
    """Years that a feast counts: a centenary is 100 after what it remembers."""
    decade_suffixes: tuple[str, ...]
    street_endings: tuple[str, ...]
    decade_prefixes: tuple[str, ...]
    phrase_heads: frozenset[str]
    """First words of phrases; `phrase_tails` their last ones: elsewhere no phrase is looked up."""
    phrase_tails: frozenset[str]
    decade_pieces: tuple[str, ...]
    """Pieces one of which is in every word for a decade."""
    months: dict[str, int]
    """Number of each name of a month that all languages agree on; listopad is October or November."""
    seen: dict[str, frozenset[str]] = field(default_factory=dict)
    """Words looked up before: texts repeat themselves, and a stem costs ten look-ups."""

    def of(self, word: str) -> frozenset[str]:
        """Return the kinds of one folded word or phrase."""
        known = self.seen.get(word)
        if known is None:
            known = self._of(word)
            if len(self.seen) >= _MOST_SEEN:
                self.seen.clear()
            self.seen[word] = known
        return known

    def _of(self, word: str) -> frozenset[str]:
        known = self.kinds.get(word)
        if known is not None:
            return known
        for size in range(min(len(word), 12), _SHORTEST_PREFIX - 1, -1):
            known = self.stems.get(word[:size])
            if known is not None:
                return known
        return _NOTHING

    def at(self, words: list[str], index: int, *, step: int) -> tuple[frozenset[str], int]:
        """Return the kinds of the longest phrase at `words[index]` and its number of words.

        `step` is 1 where `words` run forward, -1 where the nearest word to the left comes first.
        """
        word = words[index]
        if word not in (self.phrase_heads if step > 0 else self.phrase_tails):
            return self.of(word), 1
        for size in range(min(_LONGEST_PHRASE, len(words) - index), 1, -1):
            phrase = " ".join(words[index : index + size][::step])
            known = self.kinds.get(phrase)
            if known is not None:
                return known, size
        return self.of(word), 1


@lru_cache(maxsize=1)
def vocabulary() -> Vocabulary:
    """Read the language files of the package, once."""
    kinds: dict[str, set[str]] = {}
    stems: dict[str, set[str]] = {}
    inner: list[tuple[str, str]] = []
    decades: dict[str, int] = {}
    relative: dict[str, str] = {}
    feasts: dict[str, int] = {}
    numbers: dict[str, set[int]] = {}
    suffixes: set[str] = set()
    prefixes: set[str] = set()
    streets: set[str] = set()

    def add(word: str, kind: str) -> None:
        word = fold(word)
        if _NO_WORD_GAPS.search(word):
            inner.append((word.rstrip("*"), kind))
            kinds.setdefault(word.rstrip("*"), set()).add(kind)
        elif word.endswith("*"):
            stems.setdefault(word[:-1], set()).add(kind)
        else:
            kinds.setdefault(word, set()).add(kind)

    files = sorted(resources.files(__package__).joinpath("vocabulary").iterdir(), key=lambda file: file.name)
    for file in files:
        if not file.name.endswith(".json"):
            continue
        for kind, value in json.loads(file.read_text("utf-8")).items():
            if kind == "months":
                for number, names in enumerate(value, start=1):
                    for name in names:
                        add(name, "month")
                        numbers.setdefault(fold(name).rstrip("*"), set()).add(number)
            elif kind == "decades":
                decades |= {fold(word): decade for word, decade in value.items()}
            elif kind == "relative":
                relative |= {fold(word): shift for word, shift in value.items()}
            elif kind == "feasts":
                feasts |= {fold(word): count for word, count in value.items()}
            elif kind == "decade_suffix":
                suffixes |= {fold(word) for word in value}
            elif kind == "street_ending":
                streets |= {fold(word) for word in value}
            elif kind == "decade_prefix":
                prefixes |= {fold(word) for word in value}
            else:
                for word in value:
                    add(word, {"seasons": "season"}.get(kind, kind))
    phrases = [word.split() for word in kinds if " " in word]
    return Vocabulary(
        kinds={word: frozenset(found) for word, found in kinds.items()},
        stems={word: frozenset(found) for word, found in stems.items()},
        inner=tuple(sorted(set(inner), key=lambda pair: -len(pair[0]))),
        decades=decades,
        relative=relative,
        feasts=feasts,
        decade_suffixes=tuple(sorted(suffixes, key=len, reverse=True)),
        street_endings=tuple(sorted(streets)),
        decade_prefixes=tuple(sorted(prefixes, key=len, reverse=True)),
        phrase_heads=frozenset(phrase[0] for phrase in phrases),
        phrase_tails=frozenset(phrase[-1] for phrase in phrases),
        decade_pieces=pieces_of(decades),
        months={name: min(found) for name, found in numbers.items() if len(found) == 1},
    )


def has_piece(text: str, pieces: tuple[str, ...]) -> bool:
    """Tell whether a text holds one of a few short pieces: a cheap no before a search for many words."""
    for piece in pieces:  # noqa: SIM110 (a generator costs more than the search)
        if piece in text:
            return True
    return False


def pieces_of(words: Iterable[str]) -> tuple[str, ...]:
    """Return the fewest short pieces such that each of `words` holds one: twenties, thirties, ... hold "ties"."""
    left, pieces = set(words), []
    while left:
        found = Counter(piece for word in left for piece in {word[at : at + 4] for at in range(max(1, len(word) - 3))})
        best = max(found, key=lambda piece: (found[piece], piece))
        pieces.append(best)
        left = {word for word in left if best not in word}
    return tuple(pieces)
