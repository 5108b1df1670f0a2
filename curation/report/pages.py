"""The frame of every page: heading, way to the other pages, style."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from string import Template

import agegap
from agegap.html import Html, element, join
from curation.report.folder import INDEX

ASSETS = Path(__file__).parent / "assets"
STYLE = "style.css"

MENU = {
    INDEX: "Overview",
    "people.html": "People",
    "pairs.html": "Pairs",
    "left-out.html": "Left out",
    "worst.html": "Doubtful",
    "duplicates.html": "Twice",
    "proposals.html": "Proposals",
    "audit.html": "Audit",
}
"""The pages everybody can go to from everywhere; the first of each kind."""


@dataclass(frozen=True)
class Page:
    """A page less its frame."""

    address: str  # from the report's folder
    title: str
    body: Html
    script: str = ""  # ours alone: nothing a stranger wrote may come into it


def write_page(folder: Path, page: Page) -> None:
    """Write a page below the folder of a report that is being made."""
    target = folder / page.address
    target.parent.mkdir(parents=True, exist_ok=True)
    # The folder is renamed as a whole, so no temporary name is needed here.
    target.write_text(render(page), encoding="utf-8")


def render(page: Page) -> str:
    """Return a page as HTML."""
    root = "../" * page.address.count("/")
    menu = [
        element("a", name, href=root + address, aria_current=_is_current(address, page.address))
        for address, name in MENU.items()
    ]
    script = f"<script>\n{page.script}</script>\n" if page.script else ""
    return _frame().substitute(
        title=join(page.title),
        style=root + STYLE,
        menu=join(menu),
        body=page.body,
        script=script,
        version=agegap.__version__,
    )


def asset(name: str) -> str:
    """Return the text of a file that belongs to the report."""
    return (ASSETS / name).read_text(encoding="utf-8")


def pager(addresses: Sequence[str], current: str) -> Html | None:
    """Return links to the pages of a list; None where it has one page only."""
    if len(addresses) < 2:
        return None
    links = [
        element("a", str(number), href=address, aria_current="page" if address == current else None)
        for number, address in enumerate(addresses, start=1)
    ]
    return element("nav", links, class_="pager", aria_label="pages of the list")


def _is_current(of_menu: str, address: str) -> str | None:
    """Return what the menu says of an entry: this very page, or one of its kind."""
    if address == of_menu:
        return "page"
    stem = of_menu.removesuffix(".html")
    return "true" if address.startswith((f"{stem}-", f"{stem}/")) else None


@cache
def _frame() -> Template:
    return Template(asset("page.html"))
