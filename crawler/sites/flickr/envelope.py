"""Unwrapping Flickr's answers: JSON, JSON in a callback, XML that nobody asked for, cut-off bytes."""

import re
from collections.abc import Mapping
from html import unescape
from typing import Any

from crawler.sites.flickr.faults import read_fault
from crawler.sites.found import SiteFault
from crawler.sites.loose import load_json

_CALLBACK = re.compile(rb"\s*[A-Za-z_$][\w$.]{0,63}\s*\((.*)\)\s*;?\s*", re.DOTALL)
_XML = re.compile(rb"\s*(?:<\?xml[^>]*>\s*)?<rsp\s+stat=\"(ok|fail)\"", re.IGNORECASE)
_XML_FAULT = re.compile(r"<err\s+code=\"(\d{1,9})\"\s+msg=\"([^\"]{0,500})\"")


def read_envelope(body: bytes, method: str = "flickr.photos.search") -> Mapping[str, Any] | SiteFault:
    """Return the object of an answer whose `stat` is "ok", or the fault it tells or is."""
    if (xml := _XML.match(body)) is not None:
        return _xml_fault(body, method, is_ok=xml[1].lower() == b"ok")
    wrapped = _CALLBACK.fullmatch(body)
    try:
        answer = load_json(wrapped[1] if wrapped else body)
    except ValueError:
        return SiteFault("transient", "the answer is not JSON, or cut off")
    if not isinstance(answer, Mapping):
        return SiteFault("transient", "the answer is not an object")
    return read_fault(answer, method) if answer.get("stat") == "fail" else answer


def _xml_fault(body: bytes, method: str, *, is_ok: bool) -> SiteFault:
    if is_ok:
        return SiteFault("fatal", "the site answers in XML where JSON was asked for")
    told = _XML_FAULT.search(body[:8192].decode("utf-8", "replace"))
    if told is None:
        return SiteFault("transient", "the answer is XML, and cut off")
    return read_fault({"code": told[1], "message": unescape(told[2])}, method)
