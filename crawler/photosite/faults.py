"""The faults a photo site can be told to have: names, defaults, and reading them from flags, a file or JSON.

A rate is the share of calls or requests it happens to; a share is the share of photos it holds for, for good.
Draws depend on `seed` and on what is asked for (and how often it was asked before), so that runs repeat.
"""

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal, get_args

from agegap.errors import BadInputFile, WrongUse, suggest

TotalType = Literal["str", "int", "mixed"]


@dataclass(frozen=True, kw_only=True)
class Faults:
    """What goes wrong, and what is unlike the newest recorded answers. The defaults are a site in good health."""

    seed: int = 0
    # --- answers ---
    cap: bool = True  # 4,000 results, then the last page again with `total` unchanged; not a fault but the site's way
    offset_error: bool = False  # beyond the cap: code 20 instead
    total: TotalType = "str"
    mixed_types: bool = False  # numbers are text or not from photo to photo
    old_licences: bool = False  # licences 0 to 10 under their names of before June 2025
    absent_sizes: float = 0.0  # share of photos without any size above 500 px, the original included
    no_download: float = 0.0  # share of photos with usage.candownload 0, whose EXIF is "Permission denied"
    key: str = ""  # the only key let in; empty lets any well-formed key in
    # --- the API: rates of calls ---
    api_code_0: float = 0.0
    api_code_10: float = 0.0
    api_code_105: float = 0.0
    api_code_201: float = 0.0
    api_cut: float = 0.0  # JSON cut off in the middle, HTTP 200
    api_500: float = 0.0
    api_502: float = 0.0
    api_503: float = 0.0
    api_429: float = 0.0
    api_reset: float = 0.0  # connection reset without an answer
    api_latency_s: float = 0.0
    api_per_window: int = 0  # calls a key may make in any window; 0 is no limit
    api_window_s: float = 3600.0
    api_rate: float = 0.0  # calls a second of a hidden limit; 0 is none
    api_retry_after_s: float = 0.0  # Retry-After of 429 and 503; 0 sends none
    # --- the image host: rates of requests ---
    image_429: float = 0.0
    image_503: float = 0.0
    image_cut: float = 0.0  # body cut off, connection closed
    image_reset: float = 0.0
    image_slow: float = 0.0
    image_slow_s: float = 2.0  # how long a slow body takes
    image_latency_s: float = 0.0
    image_rate: float = 0.0  # images a second of a hidden limit; 0 is none
    image_burst: int = 10  # images the hidden limit lets through at once
    image_retry_after_s: float = 0.0
    retry_after_date: bool = False  # Retry-After as an HTTP date
    # --- shares of photos ---
    missing: float = 0.0  # 404, empty body
    placeholder: float = 0.0  # listed still, but the image redirects to the placeholder
    noai: float = 0.0  # X-Robots-Tag: noai, noimageai
    # --- robots.txt ---
    crawl_delay_s: float = 0.0
    robots_forbids: bool = False
    # --- the site while it is crawled ---
    added: float = 0.0  # share of photos that appear during the first `change_calls` calls, as new uploads
    deleted: float = 0.0
    hidden: float = 0.0  # turned private
    relicensed: float = 0.0  # half of them become all rights reserved
    change_calls: int = 1000
    clock: int = 1_767_225_600  # Unix time of the first call (2026-01-01); every call is a second later


def read_faults(file: Path | None, settings: Iterable[str]) -> Faults:
    """Return the faults of a TOML file and then of NAME=VALUE settings; raise WrongUse or BadInputFile."""
    faults = Faults()
    if file is not None:
        try:
            values = tomllib.loads(file.read_text(encoding="utf-8"))
        except OSError as fault:
            raise BadInputFile(file, f"cannot be read ({fault.strerror})", "give a TOML file of faults") from None
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as fault:
            raise BadInputFile(file, f"is not TOML ({fault})", "write one NAME = VALUE a line") from None
        faults = with_faults(faults, values)
    for setting in settings:
        name, equals, value = setting.partition("=")
        if not equals:
            raise WrongUse(f"--fault {setting}: write --fault NAME=VALUE, for example --fault api_503=0.05")
        faults = with_faults(faults, {name.strip(): value.strip()})
    return faults


def with_faults(faults: Faults, values: Mapping[str, Any]) -> Faults:
    """Return `faults` with some changed; texts are read as the field's type. Raise WrongUse for a bad one."""
    kinds: dict[str, Any] = {field.name: field.type for field in fields(Faults)}
    changes: dict[str, Any] = {}
    for name, value in values.items():
        if name not in kinds:
            raise WrongUse(f"fault '{name}' is not known; {suggest(name, list(kinds))}")
        try:
            changes[name] = _READERS[kinds[name]](value)
        except (ValueError, TypeError):
            wanted = _WANTED[kinds[name]]
            raise WrongUse(f"fault {name}={value!r}: write {wanted}") from None
    return replace(faults, **changes)


def _truth(value: object) -> bool:
    words = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
    if str(value).lower() not in words:
        raise ValueError
    return words[str(value).lower()]


def _whole(value: object) -> int:
    if isinstance(value, bool) or int(str(value)) < 0:
        raise ValueError
    return int(str(value))


def _number(value: object) -> float:
    if isinstance(value, bool) or not 0 <= float(str(value)) < float("inf"):
        raise ValueError
    return float(str(value))


def _total(value: object) -> str:
    if value not in get_args(TotalType):
        raise ValueError
    return str(value)


_READERS: dict[Any, Callable[[object], object]] = {
    bool: _truth,
    int: _whole,
    float: _number,
    str: str,
    TotalType: _total,
}
_WANTED: dict[Any, str] = {
    bool: "true or false",
    int: "a whole number, not negative",
    float: "a number, not negative",
    str: "text",
    TotalType: "str, int or mixed",
}
