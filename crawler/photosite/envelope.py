"""How an answer is wrapped: JSON, JSON in a callback, or XML, as the caller's `format` asks."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from xml.etree import ElementTree

from crawler.photosite.criteria import ApiFault

_CALLBACK = re.compile(r"[A-Za-z_$][\w$.]*")


@dataclass(frozen=True)
class Envelope:
    """The body of a response and its content type."""

    body: str
    content_type: str


def wrap_answer(answer: Mapping[str, Any], params: Mapping[str, str]) -> Envelope:
    """Wrap the answer to a good call."""
    return _wrap({**answer, "stat": "ok"}, params, json_type="application/json")


def wrap_fault(fault: ApiFault, params: Mapping[str, str]) -> Envelope:
    """Wrap a refusal; the site sends its JSON as plain text (recorded)."""
    return _wrap({"stat": "fail", "code": fault.code, "message": str(fault)}, params, json_type="text/plain")


def _wrap(content: Mapping[str, Any], params: Mapping[str, str], *, json_type: str) -> Envelope:
    asked = params.get("format") or "rest"
    if asked == "rest":
        return Envelope(_xml(content), "text/xml")
    if asked != "json":
        return Envelope(_xml({"stat": "fail", "code": 111, "message": f'Format "{asked}" not found'}), "text/xml")
    text = json.dumps(content, separators=(",", ":"))
    if params.get("nojsoncallback") == "1":
        return Envelope(text, json_type)
    callback = params.get("jsoncallback", "")
    name = callback if _CALLBACK.fullmatch(callback) else "jsonFlickrApi"
    return Envelope(f"{name}({text})", "text/javascript")


def _xml(content: Mapping[str, Any]) -> str:
    root = ElementTree.Element("rsp", stat=str(content["stat"]))
    if content["stat"] == "fail":
        ElementTree.SubElement(root, "err", code=str(content["code"]), msg=str(content["message"]))
    for name, value in content.items():
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, Mapping):
                _add_element(root, name, item)
    return '<?xml version="1.0" encoding="utf-8" ?>\n' + ElementTree.tostring(root, encoding="unicode") + "\n"


def _add_element(parent: ElementTree.Element, name: str, value: Mapping[str, Any]) -> None:
    """Add an element: plain values become attributes, lists repeated elements, `_content` the text."""
    element = ElementTree.SubElement(parent, name)
    for key, inner in value.items():
        if key == "_content":
            element.text = _clean(str(inner))
        elif isinstance(inner, Mapping):
            _add_element(element, key, inner)
        elif isinstance(inner, list):
            for item in inner:
                _add_element(element, key, item)
        else:
            element.set(key, "" if inner is None else _clean(str(inner)))


def _clean(text: str) -> str:
    """Drop the control characters XML cannot hold."""
    return "".join(letter for letter in text if letter >= " " or letter in "\t\n\r")
