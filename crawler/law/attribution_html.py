"""The credits as pages that a phone shows: everything a stranger wrote is escaped, a page holds PER_PAGE photos."""

from collections.abc import Mapping, Sequence
from html import escape

from crawler.law.credits import Credit

PER_PAGE = 500

_STYLE = """
:root { color-scheme: light dark; }
body { margin: 0 auto; max-width: 52rem; padding: 1rem; font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.4rem; line-height: 1.25; }
ol { list-style: none; margin: 0; padding: 0; }
li { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .6rem 0; }
li p { margin: 0; }
small { opacity: .8; }
table { border-collapse: collapse; width: 100%; }
td { border-top: 1px solid color-mix(in srgb, currentColor 25%, transparent); padding: .3rem .5rem .3rem 0; }
td:last-child { text-align: right; font-variant-numeric: tabular-nums; }
nav { display: flex; flex-wrap: wrap; gap: .25rem; margin: 1rem 0; }
nav a { display: inline-block; min-width: 2rem; padding: .45rem .5rem; text-align: center; }
nav .wide { flex: 1 1 auto; text-align: left; }
""".strip()


def page_name(number: int) -> str:
    """Return the file of a page, from 1."""
    return f"page-{number:05}.html"


def page_of(entries: Sequence[Credit], *, number: int, is_last: bool) -> str:
    """Return one page of credits."""
    first = (number - 1) * PER_PAGE + 1
    before = f'<a href="{page_name(number - 1)}" rel="prev">Previous</a>' if number > 1 else ""
    after = "" if is_last else f'<a href="{page_name(number + 1)}" rel="next">Next</a>'
    nav = f'<nav><a href="index.html">All pages</a>{before}{after}</nav>'
    title = f"Photo credits {first:,} to {first + len(entries) - 1:,}"
    items = "\n".join(_item(credit) for credit in entries)
    return _document(title, f"<h1>{title}</h1>\n{nav}\n<ol>\n{items}\n</ol>\n{nav}")


def index_of(pages: int, photos: int, by_licence: Mapping[tuple[str, str], int]) -> str:
    """Return the first page: how many photos of which site under which licence, and links to the pages."""
    rows = "\n".join(
        f"<tr><td>{escape(site)}</td><td><bdi>{escape(licence)}</bdi></td><td>{count:,}</td></tr>"
        for (site, licence), count in sorted(by_licence.items())
    )
    links = "\n".join(f'<a href="{page_name(number)}">{number}</a>' for number in range(1, pages + 1))
    note = "Each photo belongs to its author and stands under the licence named with it."
    files = 'The same as <a href="attribution.csv">CSV</a> and <a href="attribution.json">JSON</a>.'
    return _document(
        "Photo credits",
        f"<h1>Photo credits</h1>\n<p>{photos:,} photos. {note} {files}</p>\n<table>\n{rows}\n</table>\n"
        f"<h2>Pages</h2>\n<nav>\n{links}\n</nav>",
    )


def _item(credit: Credit) -> str:
    author = _link(credit.author or "an unnamed author", credit.author_url)
    licence = _link(credit.licence or "licence unknown", credit.licence_url)
    seen = f", licence seen {escape(credit.licence_seen)}" if credit.licence_seen else ""
    return (
        f"<li><p>{_link(credit.title, credit.page_url)} by {author}, {licence}</p>"
        f"<small>{escape(credit.site)} <bdi>{escape(credit.site_id)}</bdi>, crawled {escape(credit.crawled)}{seen}. "
        f"Changes: {escape(credit.changes)}.</small></li>"
    )


def _link(text: str, url: str | None) -> str:
    words = f"<bdi>{escape(text)}</bdi>"
    if url is None:
        return words
    return f'<a href="{escape(url)}" rel="noreferrer noopener">{words}</a>'


def _document(title: str, body: str) -> str:
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
        f"<title>{title}</title>\n<style>\n{_STYLE}\n</style>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    )
