"""What the pages of a report are made of: links to strangers' pages, sections, contents."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from agegap.html import Child, Html, element, join

_WEB = ("https://", "http://")


def link(child: Child, url: str | None) -> Html:
    """Return `child` as a link to `url` where that is a web address (never `javascript:`), else `child` alone."""
    if url is None or not url.lower().startswith(_WEB):
        return join(child)
    return element("a", join(child), href=url, rel="noreferrer noopener", target="_blank")


@dataclass(frozen=True)
class Section:
    """A part of a page under its own heading."""

    title: str
    anchor: str
    html: Html


def section(title: str, *children: Child, note: str | None = None, anchor: str | None = None) -> Section:
    """Return a section with a heading and a line below it; `anchor` is its address in the page."""
    anchor = anchor or "-".join(re.findall(r"\w+", title.lower()))
    heading = element("h2", title)
    line = element("p", note, class_="note") if note else None
    return Section(title, anchor, element("section", heading, line, *children, id=anchor))


def contents(sections: Iterable[Section]) -> Html:
    """Return links to the sections."""
    return element("nav", [element("a", part.title, href=f"#{part.anchor}") for part in sections])
