"""Whether the owner of an image asks, in its `X-Robots-Tag` headers, not to have it collected."""

import re
from collections.abc import Iterable

AGENT = "agegap"
"""The name that sites may address us by, in robots.txt and in X-Robots-Tag."""

_AI_WORDS = frozenset({"noai", "noimageai"})
_INDEX_WORDS = frozenset({"noindex", "noimageindex", "none"})
_WITH_VALUE = frozenset({"unavailable_after", "max-snippet", "max-image-preview", "max-video-preview"})
_EVERYBODY = frozenset({"", "*", AGENT})


def opts_out(headers: str | Iterable[str]) -> bool:
    """Whether one of the `X-Robots-Tag` header lines keeps us off the image it came with.

    A line is `[agent:] rule, rule: value, ...` (https://developers.google.com/search/docs/crawling-indexing/robots-meta-tag).
    Rules against indexing count when they are addressed to everybody or to us. Rules against use for AI count whoever
    they are addressed to: they tell what the owner wants done with the image, and opting out wins.
    """
    return any(_line_opts_out(line) for line in ([headers] if isinstance(headers, str) else headers))


def _line_opts_out(line: str) -> bool:
    agent = ""
    for part in line.lower().split(","):
        left, colon, right = part.partition(":")
        rule = left.strip()
        if colon and rule not in _WITH_VALUE:
            agent, rule = rule, right.strip()
        words = set(re.split(r"[\s;]+", rule))  # some separate their rules by blanks or semicolons
        if words & _AI_WORDS or (agent in _EVERYBODY and words & _INDEX_WORDS):
            return True
    return False
