"""What all answers of a MediaWiki API share: its errors inside HTTP 200, its warnings, its two formats.

https://www.mediawiki.org/wiki/API:Errors_and_warnings, https://www.mediawiki.org/wiki/API:JSON_version_2
"""

from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime
from typing import Any

from crawler.politeness.retry_after import retry_after_s
from crawler.sites.found import FaultKind, SiteFault
from crawler.sites.loose import load_json, to_text

MAX_LAG_S = "5"
"""Seconds the site's databases may lag behind before it asks us to wait; what Wikimedia asks of all bots."""

COMMON_PARAMETERS: Mapping[str, str] = {"format": "json", "formatversion": "2", "maxlag": MAX_LAG_S}

_LAG_WAIT_S = 5.0  # what Wikimedia asks for when an answer names none

_TRANSIENT_CODES = frozenset(
    {
        "maxlag",  # databases lag
        "ratelimited",
        "readonly",  # the site is in maintenance
        "timeout",
        "search-backend-error",  # "cirrussearch-backend-error", "cirrussearch-too-busy-error"
        "toobusy",
    }
)
_TRANSIENT_PARTS = ("internal_api_error", "cirrussearch", "too-busy", "backend-error", "timedout", "unavailable")
_FATAL_CODES = frozenset(
    {"blocked", "autoblocked", "readapidenied", "mwoauth-invalid-authorization", "unknown_action", "unknown_format"}
)
_FATAL_STATUSES = (401, 403)  # Wikimedia answers 403 to a User-Agent it does not take
_PERMANENT_STATUSES = (400, 404, 410, 414)


def read_answer(body: bytes, headers: Mapping[str, str]) -> dict[str, Any] | SiteFault:
    """Return the answer as an object, or what is wrong with it; `headers` tell how long to wait."""
    try:
        answer = load_json(body)
    except ValueError:
        return SiteFault("transient", "the answer is not JSON, or cut off")
    if not isinstance(answer, dict):
        return SiteFault("transient", "the answer is not an object")
    error = answer.get("error")
    if error is None and isinstance(errors := answer.get("errors"), list) and errors:
        error = errors[0]  # the newer errorformat
    if error is not None:
        return _fault(error if isinstance(error, Mapping) else {"info": error}, headers)
    return answer


def warnings_of(answer: Mapping[str, Any]) -> str | None:
    """Return the warnings of an answer in one line, or None: they say what of the request was ignored."""
    warnings = answer.get("warnings")
    if not isinstance(warnings, Mapping):
        return None
    texts = []
    for module, warning in warnings.items():
        words = to_text(warning.get("warnings", warning.get("*"))) if isinstance(warning, Mapping) else None
        if words:
            texts.append(f"{module}: {' '.join(words.split())}")
    return "; ".join(texts)[:500] or None


def pages_of(answer: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the pages of an answer in the order of the results, from a dict keyed by id or from a list."""
    query = answer.get("query")
    pages = query.get("pages") if isinstance(query, Mapping) else None
    if isinstance(pages, Mapping):
        pages = list(pages.values())
    if not isinstance(pages, list):
        return []
    found = [page for page in pages if isinstance(page, Mapping)]
    # Unordered in both formats; only a search gives an index.
    return sorted(found, key=lambda page: page["index"] if isinstance(page.get("index"), int) else len(found))


def has_flag(record: Mapping[str, Any], name: str) -> bool:
    """Whether a flag is set: `"missing": ""` in the first format, `"missing": true` in the second."""
    return name in record and record[name] is not False


def continuation_of(answer: Mapping[str, Any]) -> dict[str, str]:
    """Return every key that must go into the next request, or nothing at the end."""
    following = answer.get("continue")
    if not isinstance(following, Mapping):
        return {}
    return {str(key): str(value) for key, value in following.items() if isinstance(value, str | int)}


def fault_of_status(status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
    """Return what an HTTP status other than 200 means; 429 and 503 say how long to wait."""
    words = " ".join(body[:2000].decode("utf-8", "replace").split())[:200]
    message = f"HTTP {status}: {words}" if words and not words.startswith("<") else f"HTTP {status}"
    kind: FaultKind = "transient"
    if status in _FATAL_STATUSES:
        kind = "fatal"
    elif status in _PERMANENT_STATUSES:
        kind = "permanent"
    return SiteFault(kind, message, status, retry_after_s=retry_after(headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds of a Retry-After header, or None; a date is counted from the answer's own Date."""
    now = None
    with suppress(ValueError, TypeError):
        now = parsedate_to_datetime(_header(headers, "date") or "")
    return retry_after_s(_header(headers, "retry-after"), now=now)


def _header(headers: Mapping[str, str], name: str) -> str | None:
    return next((value for key, value in headers.items() if key.lower() == name), None)


def _fault(error: Mapping[str, Any], headers: Mapping[str, str]) -> SiteFault:
    code = to_text(error.get("code")) or "error"
    info = to_text(error.get("info")) or to_text(error.get("text")) or to_text(error.get("html")) or "no reason given"
    message = f"{code}: {' '.join(info.split())[:300]}"
    if code in _TRANSIENT_CODES or any(part in code for part in _TRANSIENT_PARTS):
        wait_s = retry_after(headers)
        return SiteFault("transient", message, retry_after_s=_LAG_WAIT_S if wait_s is None else wait_s)
    return SiteFault("fatal" if code in _FATAL_CODES else "permanent", message)
