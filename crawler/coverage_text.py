"""The certificate of a crawl in words: for each query how many photos the site has, and what became of each of them."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from sqlalchemy import Connection, Engine

from db.windows import Coverage, coverage

COLUMNS = (
    "site",
    "query",
    "kind",
    "state",
    "has",
    "catalogued",
    "refused",
    "filtered",
    "unreachable",
    "missing",
    "why",
)
"""Columns of the table; `has` is the sum of the five numbers after it."""

_QUERY_LETTERS = 40
_WIDTHS = (8, _QUERY_LETTERS, 14, 8, 9, 10, 9, 9, 11, 8)


@dataclass
class Sums:
    """The certificates of a site, added up; queries the site was not asked yet count as queries only."""

    site: str
    queries: int = 0
    states: Counter[str] = field(default_factory=Counter)
    site_total: int = 0
    catalogued: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    filtered_out: int = 0
    unreachable: int = 0
    missing: int = 0

    def add(self, row: Coverage) -> None:
        """Count a query."""
        self.queries += 1
        self.states[row.state] += 1
        self.site_total += row.site_total or 0
        self.catalogued += row.catalogued
        self.refused.update(row.refused)
        self.filtered_out += row.filtered_out
        self.unreachable += row.unreachable
        self.missing += row.missing

    def as_row(self) -> dict[str, Any]:
        """Return the sums as a JSON object, told from a query by its key `totals`."""
        return {
            "totals": self.site,
            "queries": self.queries,
            "states": dict(sorted(self.states.items())),
            "site_total": self.site_total,
            "catalogued": self.catalogued,
            "refused": dict(sorted(self.refused.items())),
            "filtered_out": self.filtered_out,
            "unreachable": self.unreachable,
            "missing": self.missing,
        }


def write_coverage(
    catalog: Engine, sites: Sequence[str], *, out: TextIO, asked_by: str | None = None, as_json: bool = False
) -> list[Sums]:
    """Write a line for each query of `sites` to `out`, then one for each site's sums; return the sums.

    As JSON each line is an object; otherwise the lines are a table. Rows are read as they are written.
    """
    if not as_json:
        out.write(_line(COLUMNS))
    with catalog.connect() as connection:
        sums = [_write_site(connection, site, out=out, asked_by=asked_by, as_json=as_json) for site in sites]
    for site_sums in sums:
        out.write(_json(site_sums.as_row()) if as_json else _line(_cells_of_sums(site_sums)))
    return sums


def _write_site(connection: Connection, site: str, *, out: TextIO, asked_by: str | None, as_json: bool) -> Sums:
    sums = Sums(site)
    for row in _counted(coverage(connection, site, asked_by=asked_by), sums):
        out.write(_json(_object(site, row)) if as_json else _line(_cells(site, row)))
    return sums


def _counted(rows: Iterable[Coverage], sums: Sums) -> Iterator[Coverage]:
    for row in rows:
        sums.add(row)
        yield row


def _object(site: str, row: Coverage) -> dict[str, Any]:
    return {
        "site": site,
        "name": row.name,
        "query": row.query_text,
        "kind": row.kind,
        "state": row.state,
        "site_total": row.site_total,
        "catalogued": row.catalogued,
        "refused": dict(row.refused),
        "filtered_out": row.filtered_out,
        "unreachable": row.unreachable,
        "missing": row.missing,
        "note": row.note,
    }


def _cells(site: str, row: Coverage) -> list[str]:
    why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in row.refused.items() if count)
    return [
        site,
        row.query_text[:_QUERY_LETTERS],
        row.kind,
        row.state,
        "-" if row.site_total is None else str(row.site_total),
        str(row.catalogued),
        str(sum(row.refused.values())),
        str(row.filtered_out),
        str(row.unreachable),
        str(row.missing),
        "; ".join(part for part in (why, row.note) if part),
    ]


def _cells_of_sums(sums: Sums) -> list[str]:
    numbers = (
        sums.site_total,
        sums.catalogued,
        sums.refused.total(),
        sums.filtered_out,
        sums.unreachable,
        sums.missing,
    )
    why = ", ".join(f"{count} {reason.replace('_', ' ')}" for reason, count in sorted(sums.refused.items()) if count)
    state = "done" if set(sums.states) <= {"done"} else "open"
    return [sums.site, f"{sums.queries} queries", "all", state, *map(str, numbers), why]


def _line(cells: Sequence[str]) -> str:
    padded = [
        f"{cell:>{width}}" if place > 3 else f"{cell:<{width}}"
        for place, (cell, width) in enumerate(zip(cells, _WIDTHS, strict=False))
    ]
    return "  ".join([*padded, *cells[len(_WIDTHS) :]]).rstrip() + "\n"


def _json(row: dict[str, Any]) -> str:
    return json.dumps(row, ensure_ascii=False) + "\n"
