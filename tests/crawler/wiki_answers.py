"""Answers of Wikimedia's APIs in the shapes they really have, for tests: pages of Commons, items of Wikidata."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from db.window_rows import Window

CALENDARS = {
    "gregorian": "http://www.wikidata.org/entity/Q1985727",
    "julian": "http://www.wikidata.org/entity/Q1985786",
}


def body(answer: object) -> bytes:
    """Return an answer as the bytes of its JSON."""
    return json.dumps(answer).encode()


# -- Commons ----------------------------------------------------------------------------------------------------------


def window(**values: Any) -> Window:
    """Return a window of a search at Commons."""
    return Window(
        **{
            "id": 1,
            "query_id": 1,
            "subject_id": 1,
            "name": "Marta_Quillon",
            "display_name": "Marta Quillon",
            "text": '"Marta Quillon" filetype:bitmap',
            "kind": "search",
            "licences": None,
            "min_upload": None,
            "max_upload": None,
            "sort": "create_timestamp_asc",
            "cursor": None,
            "steps": 0,
            "total": None,
            **values,
        }
    )


def facts(number: int, **values: Any) -> dict[str, Any]:
    """Return an `imageinfo` entry of a JPEG of 3000x2000; `texts` goes into its `extmetadata`."""
    texts = values.pop("texts", {})
    name = f"Marta_Quillon_{number}.jpg"
    base = "https://upload.wikimedia.org/wikipedia/commons"
    return {
        "timestamp": "2012-09-30T10:20:30Z",
        "user": "Example uploader",
        "size": 11_863_148,
        "width": 3000,
        "height": 2000,
        "thumburl": f"{base}/thumb/2/25/{name}/960px-{name}",
        "thumbwidth": 960,
        "thumbheight": 640,
        "url": f"{base}/2/25/{name}",
        "descriptionurl": f"https://commons.wikimedia.org/wiki/File:{name}",
        "descriptionshorturl": f"https://commons.wikimedia.org/w/index.php?curid={number}",
        "sha1": f"{number:040x}",
        "mime": "image/jpeg",
        "mediatype": "BITMAP",
        "canonicaltitle": f"File:Marta Quillon {number}.jpg",
        "extmetadata": {
            key: {"value": value, "source": "commons-desc-page"}
            for key, value in {"License": "cc-by-sa-4.0", "ObjectName": f"Marta Quillon {number}", **texts}.items()
            if value is not None
        },
        **values,
    }


def page(number: int, *, info: Mapping[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """Return a page of Commons; without `info` it is one whose facts come with another answer."""
    return {
        "pageid": number,
        "ns": 6,
        "title": f"File:Marta Quillon {number}.jpg",
        **({"imagerepository": "local", "imageinfo": [dict(info)]} if info is not None else {}),
        **values,
    }


def pages(found: Sequence[Mapping[str, Any]], **values: Any) -> dict[str, Any]:
    """Return an answer of the first format with `found` as its pages, `batchcomplete` unless told otherwise."""
    keyed = {str(one.get("pageid", -place)): dict(one) for place, one in enumerate(found, start=1)}
    answer: dict[str, Any] = {"batchcomplete": "", "query": {"pages": keyed}, **values}
    return {key: value for key, value in answer.items() if value is not None}


# -- Wikidata ---------------------------------------------------------------------------------------------------------


def time_value(time: str, precision: int = 11, calendar: str = "gregorian") -> dict[str, Any]:
    """Return a `time` datavalue."""
    inner = {"time": time, "timezone": 0, "before": 0, "after": 0}
    return {"value": {**inner, "precision": precision, "calendarmodel": CALENDARS[calendar]}, "type": "time"}


def item_value(entity_id: str) -> dict[str, Any]:
    """Return a datavalue that names an item."""
    inner = {"entity-type": "item", "numeric-id": int(entity_id[1:]), "id": entity_id}
    return {"value": inner, "type": "wikibase-entityid"}


def statement(
    prop: str,
    datavalue: Mapping[str, Any] | None,
    *,
    rank: str = "normal",
    snaktype: str | None = None,
    qualifiers: Mapping[str, Sequence[Mapping[str, Any]]] | None = None,
) -> dict[str, Any]:
    """Return a statement; without `datavalue` it is `somevalue`, unless `snaktype` says otherwise."""
    snak: dict[str, Any] = {"snaktype": snaktype or ("somevalue" if datavalue is None else "value"), "property": prop}
    if datavalue is not None:
        snak["datavalue"] = dict(datavalue)
    claim: dict[str, Any] = {"mainsnak": snak, "type": "statement", "id": f"Q1${prop}", "rank": rank}
    if qualifiers:
        claim["qualifiers"] = {
            key: [{"snaktype": "value", "property": key, "datavalue": dict(one)} for one in values]
            for key, values in qualifiers.items()
        }
    return claim


def entity(
    entity_id: str,
    label: str,
    *,
    births: Sequence[Mapping[str, Any]] = (),
    deaths: Sequence[Mapping[str, Any]] = (),
    occupations: Sequence[str] = (),
    aliases: Sequence[str] = (),
    sitelinks: int = 0,
    category: str | None = None,
    kind: str = "Q5",
) -> dict[str, Any]:
    """Return an item as wbgetentities tells it; without any alias or sitelink these are lists, as PHP writes them."""
    claims: dict[str, Any] = {"P31": [statement("P31", item_value(kind))]}
    if births:
        claims["P569"] = list(births)
    if deaths:
        claims["P570"] = list(deaths)
    if occupations:
        claims["P106"] = [statement("P106", item_value(one)) for one in occupations]
    if category:
        claims["P373"] = [statement("P373", {"value": category, "type": "string"})]
    return {
        "type": "item",
        "id": entity_id,
        "labels": {"en": {"language": "en", "value": label}},
        "descriptions": {"en": {"language": "en", "value": "somebody"}},
        "aliases": {"en": [{"language": "en", "value": one} for one in aliases]} if aliases else [],
        "claims": claims,
        "sitelinks": {
            f"l{place:03d}wiki": {"site": f"l{place:03d}wiki", "title": label, "badges": []}
            for place in range(sitelinks)
        }
        or [],
    }


def born(time: str, precision: int = 11, calendar: str = "gregorian", **values: Any) -> dict[str, Any]:
    """Return a statement of birth."""
    return statement("P569", time_value(time, precision, calendar), **values)


def died(time: str, precision: int = 11, calendar: str = "gregorian", **values: Any) -> dict[str, Any]:
    """Return a statement of death."""
    return statement("P570", time_value(time, precision, calendar), **values)
