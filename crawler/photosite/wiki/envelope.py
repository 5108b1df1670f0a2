"""The frame of every answer of a MediaWiki API: parameters in, warnings and errors out, two format versions.

An answer is built with true booleans and lists, as formatversion=2 has them; version 1 writes True as "", leaves False
out, and keys pages by their id. Read in mediawiki includes/api (ApiErrorFormatter, ApiResult, ParamValidator).
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

SERVED_BY = "mw-api-ext.photosite"


class WikiFault(Exception):
    """A call the wiki refuses: HTTP 200 with an `error` object; `more` are further keys of it."""

    def __init__(self, code: str, info: str, **more: object) -> None:
        self.code = code
        self.more = more
        super().__init__(info)


@dataclass
class Call:
    """The parameters of one call, which notes what was read and what it has to warn of."""

    params: Mapping[str, str]
    api_url: str
    warnings: dict[str, list[str]] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)

    @property
    def version(self) -> int:
        """The format version asked for."""
        return 2 if self.params.get("formatversion") in ("2", "latest") else 1

    def text(self, name: str, default: str = "") -> str:
        """Return a parameter."""
        self.read.add(name)
        return self.params.get(name, default)

    def pass_over(self, names: Iterable[str]) -> None:
        """Take the parameters of a module as read, also where the module is finished and not run again."""
        self.read.update(names)

    def needed(self, name: str) -> str:
        """Return a parameter that must be set."""
        if value := self.text(name):
            return value
        raise WikiFault("missingparam", f'The "{name}" parameter must be set.')

    def choice(self, name: str, choices: Iterable[str], default: str) -> str:
        """Return a parameter that is one of a set."""
        value = self.text(name) or default
        if value not in choices:
            raise WikiFault("badvalue", f'Unrecognized value for parameter "{name}": {value}.')
        return value

    def several(
        self, name: str, choices: Iterable[str] | None = None, *, default: str = "", module: str, most: int = 50
    ) -> list[str]:
        """Return the values of a parameter that takes several; unknown ones are warned of and left out."""
        value = self.params.get(name, default)
        self.read.add(name)
        if not value:
            return []
        parts = value[1:].split("\x1f") if value.startswith("\x1f") else value.split("|")
        parts = list(dict.fromkeys(parts))
        if choices is not None:
            known = list(choices)
            if value == "*":
                return known
            if strange := [part for part in parts if part not in known]:
                plural = "values" if len(strange) > 1 else "value"
                self.warn(module, f'Unrecognized {plural} for parameter "{name}": {", ".join(strange)}.')
            parts = [part for part in parts if part in known]
        if len(parts) > most:
            raise WikiFault(
                "toomanyvalues",
                f'Too many values supplied for parameter "{name}". The limit is {most}.',
                parameter=name, limit=most, lowlimit=50, highlimit=500,
            )  # fmt: skip
        return parts

    def number(self, name: str, default: int, *, lowest: int, highest: int | None = None, module: str) -> int:
        """Return a whole number within its limits; outside them it is warned of and moved to the limit."""
        value = self.text(name)
        if not value:
            return default
        if value == "max" and highest is not None:
            return highest
        try:
            number = int(value)
        except ValueError:
            raise WikiFault("badinteger", f'Invalid value "{value}" for integer parameter "{name}".') from None
        if number < lowest or (highest is not None and number > highest):
            limits = f"no less than {lowest}" if highest is None else f"between {lowest} and {highest}"
            self.warn(module, f'The value "{number}" for parameter "{name}" must be {limits}.')
            return lowest if number < lowest or highest is None else highest
        return number

    def warn(self, module: str, words: str) -> None:
        """Note a warning, which is no error: the call is answered."""
        self.warnings.setdefault(module, []).append(words)


def answer_text(call: Call, answer: Mapping[str, Any]) -> str:
    """Return the body of a good answer, with warnings."""
    key = "warnings" if call.version == 2 else "*"
    warnings = {module: {key: "\n".join(words)} for module, words in call.warnings.items()}
    return json.dumps(
        {**({"warnings": warnings} if warnings else {}), **_framed(call, answer)}, ensure_ascii=call.version == 1
    )


def error_text(call: Call, fault: WikiFault) -> str:
    """Return the body of a refusal."""
    key = "docref" if call.version == 2 else "*"
    docs = (
        f"See {call.api_url} for API usage. Subscribe to the mediawiki-api-announce mailing list at "
        "&lt;https://lists.wikimedia.org/postorius/lists/mediawiki-api-announce.lists.wikimedia.org/&gt; "
        "for notice of API deprecations and breaking changes."
    )
    return json.dumps(
        {"error": {"code": fault.code, "info": str(fault), **fault.more, key: docs}, "servedby": SERVED_BY}
    )


def _framed(call: Call, answer: Mapping[str, Any]) -> dict[str, Any]:
    if call.version == 2:
        return dict(answer)
    framed: dict[str, Any] = _old(answer)
    pages = framed.get("query", {}).get("pages")
    if pages is not None:
        framed["query"]["pages"] = _keyed(pages)
    return framed


def _keyed(pages: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return pages by id, which sorts them; those without one are -1, -2 and so on."""
    keyed, unknown = {}, 0
    for page in pages:
        unknown -= "pageid" not in page
        keyed[str(page.get("pageid", unknown))] = page
    return keyed


def _old(value: Any) -> Any:
    """Return a value as version 1 writes it."""
    if isinstance(value, Mapping):
        return {name: "" if inner is True else _old(inner) for name, inner in value.items() if inner is not False}
    if isinstance(value, list | tuple):
        return [_old(inner) for inner in value]
    return value
