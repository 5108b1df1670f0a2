"""The statements of an item about one thing: which count by rank, and what years they leave open together."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from crawler.sites.wikidata.calendars import Calendar
from crawler.sites.wikidata.times import Span, WikidataTime, as_facts, read_time

Rank = Literal["preferred", "normal", "deprecated"]

CIRCA = "Q5727902"
CIRCA_YEARS = 2
"""Years to each side of an approximate date, as docs/taken-year.md has it for photos."""

_CIRCUMSTANCES, _EARLIEST, _LATEST = "P1480", "P1319", "P1326"


@dataclass(frozen=True)
class DateStatement:
    """One statement of a date: `time` None where it says that the date is unknown, or none; `span` what it allows."""

    rank: Rank
    time: WikidataTime | None
    span: Span | None
    is_circa: bool
    snak: str


@dataclass(frozen=True)
class LifeDate:
    """What all statements that count say of a birth or a death; years are Gregorian, None where nothing is known.

    `date` is as it is written, in `calendar`; None where statements disagree or give no date.
    """

    date: str | None = None
    precision: str | None = None
    calendar: Calendar | None = None
    year_min: int | None = None
    year_max: int | None = None

    def columns(self, prefix: str) -> dict[str, Any]:
        """Return the five columns of the catalog, `birth_date` and so on."""
        return {f"{prefix}_{name}": getattr(self, name) for name in LifeDate.__dataclass_fields__}


def claims_of(entity: Mapping[str, Any], prop: str) -> list[Mapping[str, Any]]:
    """Return the statements of one property; an item without any has a list in place of an object."""
    claims = entity.get("claims")
    found = claims.get(prop) if isinstance(claims, Mapping) else None
    return [claim for claim in found if isinstance(claim, Mapping)] if isinstance(found, list) else []


def item_ids(entity: Mapping[str, Any], prop: str) -> list[str]:
    """Return the ids of the items that statements of `prop` name, deprecated ones left out."""
    values = (_value(claim.get("mainsnak")) for claim in claims_of(entity, prop) if _rank(claim) != "deprecated")
    return [value["id"] for value in values if isinstance(value, Mapping) and isinstance(value.get("id"), str)]


def best_text(entity: Mapping[str, Any], prop: str) -> str | None:
    """Return the text of the best-ranked statement of `prop`, or None."""
    claims = _counting(claims_of(entity, prop))
    return next((value for claim in claims if isinstance(value := _value(claim.get("mainsnak")), str)), None)


def date_statements(entity: Mapping[str, Any], prop: str) -> list[DateStatement]:
    """Return every statement of a date, deprecated ones included."""
    return [_date_statement(claim) for claim in claims_of(entity, prop)]


def life_date(statements: Sequence[DateStatement]) -> LifeDate:
    """Return what the statements that count leave open: the preferred ones, else the normal ones.

    Several that count are a disagreement: the years cover all of them. One that says "unknown" besides dates adds
    nothing.
    """
    ranks: tuple[Rank, ...] = ("preferred", "normal")
    best = next((rank for rank in ranks if any(one.rank == rank for one in statements)), None)
    counting = [one for one in statements if one.rank == best and one.span is not None]
    spans = [one.span for one in counting if one.span is not None]
    if not spans:
        return LifeDate()
    span = spans[0]
    for other in spans[1:]:
        span = span.cover(other)
    return LifeDate(year_min=span.year_min, year_max=span.year_max, **_written(counting, span))


def _written(counting: Sequence[DateStatement], span: Span) -> dict[str, Any]:
    """Return the date on which the statements agree, as one of them wrote it, or only that it is a range."""
    times = [one.time for one in counting if one.time is not None]
    agreed = {(time.text, time.calendar) for time in times}
    if len(agreed) == 1 and len(times) == len(counting) and not any(one.is_circa for one in counting):
        return {"date": times[0].text, "precision": times[0].precision, "calendar": times[0].calendar}
    if times and span.year_min == span.year_max and all(time.calendar == "gregorian" for time in times):
        return {"date": f"{span.year_min:04d}", "precision": "year", "calendar": "gregorian"}
    return {"precision": "range"}


def statement_facts(statement: DateStatement) -> dict[str, Any]:
    """Return a statement as JSON for the catalog: rank, what it says, and the years it allows."""
    return {
        "rank": statement.rank,
        "snak": statement.snak,
        "is_circa": statement.is_circa,
        **(as_facts(statement.time) if statement.time is not None else {}),
        "year_min": statement.span.year_min if statement.span is not None else None,
        "year_max": statement.span.year_max if statement.span is not None else None,
    }


def _date_statement(claim: Mapping[str, Any]) -> DateStatement:
    snak = claim.get("mainsnak")
    kind = snak.get("snaktype") if isinstance(snak, Mapping) else None
    time = read_time(_value(snak))
    is_circa = CIRCA in [value.get("id") for value in _qualifiers(claim, _CIRCUMSTANCES) if isinstance(value, Mapping)]
    return DateStatement(
        rank=_rank(claim),
        time=time,
        span=_allowed(claim, time, is_circa=is_circa),
        is_circa=is_circa,
        snak=kind if isinstance(kind, str) else "missing",
    )


def _allowed(claim: Mapping[str, Any], time: WikidataTime | None, *, is_circa: bool) -> Span | None:
    """Return the days a statement allows: its "earliest" and "latest" date, where it has both, go before a circa."""
    earliest = [read.span for value in _qualifiers(claim, _EARLIEST) if (read := read_time(value)) is not None]
    latest = [read.span for value in _qualifiers(claim, _LATEST) if (read := read_time(value)) is not None]
    if earliest and latest:
        bounds = Span(min(span.first for span in earliest), max(span.last for span in latest))
        if bounds.first <= bounds.last:
            return bounds
    if time is None or not is_circa:
        return time.span if time is not None else None
    first, last = time.span.first, time.span.last
    return Span(first._replace(year=first.year - CIRCA_YEARS), last._replace(year=last.year + CIRCA_YEARS))


def _counting(claims: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    preferred = [claim for claim in claims if _rank(claim) == "preferred"]
    return preferred or [claim for claim in claims if _rank(claim) == "normal"]


def _qualifiers(claim: Mapping[str, Any], prop: str) -> list[Any]:
    found = claim.get("qualifiers")
    snaks = found.get(prop) if isinstance(found, Mapping) else None
    return [_value(snak) for snak in snaks] if isinstance(snaks, list) else []


def _value(snak: object) -> Any:
    """Return the value of a snak; `somevalue` (unknown) and `novalue` have none."""
    value = snak.get("datavalue") if isinstance(snak, Mapping) else None
    return value.get("value") if isinstance(value, Mapping) else None


def _rank(claim: Mapping[str, Any]) -> Rank:
    rank = claim.get("rank")
    return rank if rank in ("preferred", "deprecated") else "normal"
