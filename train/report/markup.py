"""What the pages of a run are made of, beyond plain elements: tables, sections, figures, tiles."""

from collections.abc import Iterable, Sequence

from agegap.html import Child, Html, element, join


def table(head: Sequence[Child], rows: Iterable[Sequence[Child]], *, first_is_name: bool = True) -> Html:
    """Return a table in a box that scrolls sideways on a narrow screen; numbers stand right, names left."""
    cells = [[join(cell) for cell in row] for row in rows]

    def row(values: Sequence[Child], name: str) -> Html:
        names = ["name" if first_is_name else None, *([None] * len(values))]
        return element("tr", [element(name, value, class_=kind) for value, kind in zip(values, names, strict=False)])

    body = element("tbody", [row(line, "td") for line in cells])
    return element("div", element("table", element("thead", row(head, "th")), body), class_="scroll")


def section(title: str, *children: Child, note: str | None = None) -> Html:
    """Return a part of a page under its heading, with a line of explanation below it."""
    return element("section", element("h2", title), element("p", note, class_="note") if note else None, *children)


def figure(title: str, drawing: Html, note: str | None = None) -> Html:
    """Return a drawing with its title above and what it shows below."""
    below = element("small", note) if note else None
    return element("figure", element("figcaption", title), drawing, below)


def tile(value: str, name: str, note: str = "") -> Html:
    """Return one large figure with what it is, and how sure it is."""
    return element(
        "div", element("b", value), element("span", name), element("small", note) if note else None, class_="tile"
    )
