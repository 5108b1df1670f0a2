"""The memo of dates between the same words: an answer must not depend on what was read before it."""

import itertools
import random
from collections.abc import Iterator

import pytest

from crawler.taken_year import Candidate, PhotoText, explain, memo
from crawler.taken_year.clean import clean
from crawler.taken_year.marks import find_marks

_FAR = ("A hall. ", "A scene from Iron Dunes. ", "A headstone. ", "A scene from Iron Dunes ", '"Two in a hall. ')
_BEFORE = ("", "Taken in September. ", "Born in Sept. ", "In the garden. ", "It was acquired ; ", "In the hall ")
_CUE = ("", "(", "c. ", "acquired ", "the ", "calendar of July ", "inscribed July ", "no. ", "in ", "copyright ")
_DATE = ("1963", "1908-1910", "1908-1949", "1963-05-12")
_AFTER = (" Elm Avenue.", " elm avenue.", " Festival.", ").", ".35.4.", ".35.5241; ", " 5 July.", " 45 July.", " car.",
          ')."', "?", " and a very long Festival.", " and a very long car.")  # fmt: skip
_FILL = "People stand beside the tables of a hall with lamps and chairs near the windows of the long northern wall, and"


@pytest.fixture(autouse=True)
def _begin_anew() -> Iterator[None]:
    memo.forget()
    yield
    memo.forget()


def _captions(seed: int, count: int) -> list[str]:
    parts = list(itertools.product(_FAR, _BEFORE, _CUE, _DATE, _AFTER))
    return [f"{_FILL} more. {_FILL} more. " + "".join(part) for part in random.Random(seed).sample(parts, count)]


def _photo(kind: str, text: str) -> PhotoText:
    if kind == "text":
        return PhotoText(text=text)
    return PhotoText(title=text) if kind == "title" else PhotoText(description=text)


def _alone(photo: PhotoText) -> list[Candidate]:
    memo.forget()
    return explain(photo)


@pytest.mark.parametrize("seed", range(3))
def test_evidence_is_the_same_whatever_was_read_before(seed: int) -> None:
    kinds = random.Random(seed).choices(("text", "description", "title"), k=1500)
    photos = [_photo(kind, text) for kind, text in zip(kinds, _captions(seed, 1500), strict=True)]
    alone = [_alone(photo) for photo in photos]
    memo.forget()
    assert [explain(photo) for photo in photos] == alone  # each with what those before it left
    assert [explain(photo) for photo in reversed(photos)] == alone[::-1]  # and with everything remembered


def _key(text: str, source: str = "text") -> memo.Key | None:
    ready = clean(text)
    marks = find_marks(ready.folded, latest=2026)
    edges = [0, *(mark.end for mark in marks)]
    return memo.key_of(ready, marks[-1], source, left_edge=edges[-2], right_edge=len(ready.folded))


def test_a_sentence_of_a_house_is_known_again_in_another_caption() -> None:
    first = _key("A man beside a window. Gift of the house. Accession no. 2001.35.5241; acquired 2001-10-04; H: 4 in.")
    second = _key("Two women, a lamp and a shade. Gift. Accession no. 2001.35.98; acquired 1999-01-05; H: 4 in.")
    assert first is not None
    assert first == second


@pytest.mark.parametrize(
    "text",
    ["It was acquired 2001-10-04; H: 5 in.", "It was acquired 2001-10-04; H: 4 cm.", "Scanned 2001-10-04; H: 4 in."],
)
def test_other_words_are_another_key(text: str) -> None:
    assert _key(text) != _key("It was acquired 2001-10-04; H: 4 in.")


def test_short_texts_and_other_scripts_go_without() -> None:
    assert not memo.is_worth_it(clean("Toma Revik, 3 May 1968"))
    assert not memo.is_worth_it(clean(f"{_FILL} {_FILL} 1968年"))
    assert memo.is_worth_it(clean(f"{_FILL} {_FILL} May 1968"))


def test_what_is_remembered_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(memo, "_MOST", 10)
    for text in _captions(9, 200):
        explain(PhotoText(text=text))
        assert 0 <= len(memo._SEEN) <= 10
