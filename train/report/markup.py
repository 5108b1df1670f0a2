"""HTML in which text cannot become markup: what is not made here is escaped."""

from collections.abc import Iterable, Sequence
from html import escape

_VOID = frozenset({"img", "br", "meta"})


class Html(str):
    """Text that is markup already."""

    __slots__ = ()


Child = str | Iterable[str] | None


def tag(name: str, /, *children: Child, **attributes: str | float | None) -> Html:
    """Return `<name attributes>children</name>`; text is escaped, None left out.

    `class_` gives `class`; other underscores become dashes.
    """
    shown = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(str(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in _VOID:
        return Html(f"<{name}{shown}>")
    return Html(f"<{name}{shown}>{''.join(joined(child) for child in children)}</{name}>")


def joined(child: Child) -> Html:
    """Return one child as markup, or several one after the other."""
    if child is None:
        return Html("")
    if isinstance(child, Html):
        return child
    if isinstance(child, str):
        return Html(escape(child))
    return Html("".join(joined(one) for one in child))


def table(head: Sequence[Child], rows: Iterable[Sequence[Child]], *, first_is_name: bool = True) -> Html:
    """Return a table in a box that scrolls sideways on a narrow screen; numbers stand right, names left."""
    cells = [[joined(cell) for cell in row] for row in rows]

    def row(values: Sequence[Child], name: str) -> Html:
        names = ["name" if first_is_name else None, *([None] * len(values))]
        return tag("tr", [tag(name, value, class_=kind) for value, kind in zip(values, names, strict=False)])

    body = tag("tbody", [row(line, "td") for line in cells])
    return tag("div", tag("table", tag("thead", row(head, "th")), body), class_="scroll")


def section(title: str, *children: Child, note: str | None = None) -> Html:
    """Return a part of a page under its heading, with a line of explanation below it."""
    return tag("section", tag("h2", title), tag("p", note, class_="note") if note else None, *children)


def figure(title: str, drawing: Html, note: str | None = None) -> Html:
    """Return a drawing with its title above and what it shows below."""
    below = tag("small", note) if note else None
    return tag("figure", tag("figcaption", title), drawing, below)


def tile(value: str, name: str, note: str = "") -> Html:
    """Return one large figure with what it is, and how sure it is."""
    return tag("div", tag("b", value), tag("span", name), tag("small", note) if note else None, class_="tile")
