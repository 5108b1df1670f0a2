"""The pair viewer: pairs of each K, a page for each range of K."""

from agegap.html import element, join
from curation.report.context import Context
from curation.report.pages import Page
from curation.report.pair_cards import pair_cards
from curation.report.pair_source import PairSource
from db.statistics import k_range


def write_pairs(context: Context, source: PairSource) -> None:
    """Write the pages of the pairs; the first is pairs.html."""
    if source.pair_set is None:
        return context.write(_empty("There are no pairs yet: `curate build-pairs` makes them."))
    if source.fault is not None:
        return context.write(_empty(f"The pairs cannot be shown: {source.fault}"))
    ranges: dict[str, list[int]] = {}
    for gap in sorted(source.by_gap):
        ranges.setdefault(k_range(gap), []).append(gap)
    addresses = {name: "pairs.html" if not number else f"pairs-{name}.html" for number, name in enumerate(ranges)}
    for name, gaps in ranges.items():
        count = sum(source.by_gap[gap] for gap in gaps)
        pairs = [
            pair for gap in gaps for pair in source.some(context.connection, gap, limit=context.settings.pairs_per_gap)
        ]
        cards = pair_cards(context, f"pairs-{name}", pairs)
        note = (
            f"Two photos of one person, {name} years between: {len(cards):,} of the {count:,} pairs of "
            f"'{source.pair_set.name}'."
        )
        links = [
            element("a", f"K {other}", href=address, aria_current="page" if other == name else None)
            for other, address in addresses.items()
        ]
        body = join(
            [
                element("nav", links, class_="pager", aria_label="pages by K"),
                element("p", note, class_="note"),
                element("div", cards, class_="pairs"),
            ]
        )
        context.write(Page(addresses[name], "Pairs", body))
    return None


def _empty(says: str) -> Page:
    return Page("pairs.html", "Pairs", element("p", says, class_="note"))
