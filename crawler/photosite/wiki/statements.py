"""Statements of items as Wikibase writes them, and items as wbgetentities tells them.

Shapes: recorded statements of Commons (flickypedia) and P569 of photo-sites.md section 2.4; on Wikidata every snak also
has its `datatype`.
"""

import hashlib
import uuid
from collections.abc import Sequence
from typing import Any

from crawler.photosite.wiki.people import Entity
from crawler.photosite.wiki.times import Rank, TimeStatement

_WIKIS = (
    "en", "de", "fr", "es", "ja", "ru", "it", "zh", "pl", "pt", "nl", "ar", "sv", "uk", "fa", "id", "ca", "cs",
    "fi", "he", "no", "ko", "hu", "tr", "da", "ro", "vi", "el", "bg", "sr", "sk", "lt", "hr", "et", "sl", "eu",
    "gl", "lv", "hy", "ka", "az", "ms", "th", "hi", "bn", "ta", "te", "ml", "mr", "ur", "cy", "ga", "is", "af",
    "sw", "la", "eo", "simple",
)  # fmt: skip
_IMPORTED_FROM = ("P143", "Q328")  # imported from Wikimedia project: English Wikipedia


def item_of(entity: Entity, props: frozenset[str], languages: frozenset[str]) -> dict[str, Any]:
    """Return an item with these props; no languages is all of them."""
    found: dict[str, Any] = {}
    if "info" in props:
        number = int(entity.id[1:])
        found |= {"pageid": number + 11, "ns": 0, "title": entity.id, "lastrevid": number + 900_000_000,
                  "modified": "2026-10-01T08:00:00Z"}  # fmt: skip
    found |= {"type": "item", "id": entity.id}
    if not props:
        return {"id": entity.id, "type": "item"}
    if "labels" in props:
        found["labels"] = _terms(_labels(entity), languages)
    if "descriptions" in props:
        found["descriptions"] = _terms({"en": entity.description}, languages)
    if "aliases" in props:
        aliases = {"en": [{"language": "en", "value": alias} for alias in entity.aliases]} if entity.aliases else {}
        found["aliases"] = {code: said for code, said in aliases.items() if not languages or code in languages}
    if "claims" in props:
        found["claims"] = _claims(entity)
    if props & {"sitelinks", "sitelinks/urls"}:
        found["sitelinks"] = {
            f"{code}wiki": {
                "site": f"{code}wiki",
                "title": entity.label,
                "badges": [],
                **({"url": f"https://{code}.wikipedia.org/wiki/{entity.label.replace(' ', '_')}"}
                   if "sitelinks/urls" in props else {}),
            }
            for code in _WIKIS[: entity.sitelinks]
        }  # fmt: skip
    return found


def item_statement(owner: str, number: int, prop: str, item: str, *, with_datatype: bool = True) -> dict[str, Any]:
    """Return a statement whose value is an item."""
    value = {"value": {"entity-type": "item", "numeric-id": int(item[1:]), "id": item}, "type": "wikibase-entityid"}
    return _statement(owner, number, _snak(prop, value, "wikibase-item" if with_datatype else None))


def _claims(entity: Entity) -> dict[str, list[dict[str, Any]]]:
    owner = entity.id
    claims = {"P31": [item_statement(owner, 0, "P31", entity.instance_of)]}
    if entity.births:
        claims["P569"] = _time_statements(owner, "P569", entity.births)
    if entity.deaths:
        claims["P570"] = _time_statements(owner, "P570", entity.deaths)
    if entity.occupations:
        claims["P106"] = [item_statement(owner, place, "P106", item) for place, item in enumerate(entity.occupations)]
    if entity.category:
        value = {"value": entity.category, "type": "string"}
        claims["P373"] = [_statement(owner, 0, _snak("P373", value, "string"))]
        value = {"value": f"{entity.category}.jpg", "type": "string"}
        claims["P18"] = [_statement(owner, 0, _snak("P18", value, "commonsMedia"))]
    return claims


def _time_statements(owner: str, prop: str, said: Sequence[TimeStatement]) -> list[dict[str, Any]]:
    found = []
    for place, statement in enumerate(said):
        value = {"value": statement.time.value(), "type": "time"} if statement.time else None
        found.append(_statement(owner, place, _snak(prop, value, "time"), rank=statement.rank, is_sourced=place == 0))
    return found


def _statement(
    owner: str, number: int, snak: dict[str, Any], *, rank: Rank = "normal", is_sourced: bool = False
) -> dict[str, Any]:
    digest = hashlib.md5(f"{owner} {snak['property']} {number}".encode(), usedforsecurity=False).hexdigest()
    found: dict[str, Any] = {
        "mainsnak": snak,
        "type": "statement",
        "id": f"{owner}${str(uuid.UUID(digest)).upper()}",
        "rank": rank,
    }
    if is_sourced:
        prop, item = _IMPORTED_FROM
        value = {"value": {"entity-type": "item", "numeric-id": int(item[1:]), "id": item}, "type": "wikibase-entityid"}
        reference = {"snaks": {prop: [_snak(prop, value, "wikibase-item")]}, "snaks-order": [prop]}
        found["references"] = [{"hash": _hash(reference), **reference}]
    return found


def _snak(prop: str, value: dict[str, Any] | None, datatype: str | None) -> dict[str, Any]:
    found: dict[str, Any] = {
        "snaktype": "value" if value else "somevalue",
        "property": prop,
        "hash": _hash((prop, value)),
    }
    if value:
        found["datavalue"] = value
    return found | ({"datatype": datatype} if datatype else {})


def _hash(what: object) -> str:
    return hashlib.sha1(repr(what).encode(), usedforsecurity=False).hexdigest()


def _labels(entity: Entity) -> dict[str, str]:
    """Return the label in some languages; a person with one label for all has it under "mul" only."""
    if entity.label_language != "en":
        return {entity.label_language: entity.label}
    return dict.fromkeys(("en", "de", "fr", "es"), entity.label)


def _terms(terms: dict[str, str], languages: frozenset[str]) -> dict[str, dict[str, str]]:
    return {
        code: {"language": code, "value": value} for code, value in terms.items() if not languages or code in languages
    }
