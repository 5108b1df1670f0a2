"""Answers as JSON: whatever their bytes, no text comes through that Postgres refuses, and no other is changed."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.sites.loose import clean_json, load_json

_TEXTS = st.text(st.characters(exclude_categories=()), max_size=8)  # NUL and lone surrogates too
_JSON = st.recursive(
    _TEXTS | st.integers() | st.none() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_TEXTS, inner, max_size=4),
    max_leaves=8,
)


@given(value=_JSON, is_escaped=st.booleans(), is_upper=st.booleans())
def test_an_answer_is_clean_however_it_was_written(value: object, is_escaped: bool, is_upper: bool) -> None:
    text = json.dumps(value, ensure_ascii=is_escaped)
    if is_upper:
        text = text.replace("\\ud", "\\uD").replace("\\ue", "\\uE")
    body = text.encode("utf-8", "surrogatepass")
    assert load_json(body) == clean_json(json.loads(body))
    json.dumps(load_json(body), ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be", "utf-8-sig"]
)
def test_other_encodings_are_clean_too(encoding: str) -> None:
    body = json.dumps({"title": "a\ud83d\x00b"}, ensure_ascii=False).encode(encoding, "surrogatepass")
    assert load_json(body) == {"title": "a\ufffdb"}


@pytest.mark.parametrize("text", ["\U0001f600", "Ångström", "한국어", "a\\ud83d as it is typed"])
def test_other_texts_are_left_as_they_are(text: str) -> None:
    for is_escaped in (True, False):
        assert load_json(json.dumps([text, {text: text}], ensure_ascii=is_escaped).encode()) == [text, {text: text}]
