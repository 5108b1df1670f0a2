"""HTML that cannot be broken by what strangers wrote: text is escaped unless this module made it.

Titles, names and captions come from photo sites; one of them will be "<script>". The pages of a catalog and those of a
trained model are made of it.
"""

from collections.abc import Iterable
from functools import cache
from html import escape

_VOID = frozenset({"img", "br", "meta", "input", "link"})


class Html(str):
    """Text that is markup already; only `element` and `join` make it."""

    __slots__ = ()


Child = str | Iterable[Html | None] | None


def element(name: str, /, *children: Child, **attributes: str | float | None) -> Html:
    """Return `<name attributes>children</name>`; plain text is escaped, None is left out.

    `class_` gives `class`; other underscores become dashes.
    """
    words = "".join(
        [f' {_attribute(key)}="{escape(str(value))}"' for key, value in attributes.items() if value is not None]
    )
    if name in _VOID:
        return Html(f"<{name}{words}>")
    # A report of 5,000 people has two million elements; what is markup already needs no second look.
    inside = "".join([child if child.__class__ is Html else join(child) for child in children])
    return Html(f"<{name}{words}>{inside}</{name}>")


@cache
def _attribute(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def join(child: Child) -> Html:
    """Return one child as markup: text escaped, markup as it is, several in a row."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return Html(escape(child))
    return Html("".join(join(part) for part in child))
