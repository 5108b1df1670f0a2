"""wbsearchentities and wbgetentities, of Wikidata for items and of Commons for what files depict."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

from crawler.photosite.tags import words_of
from crawler.photosite.wiki.envelope import Call, WikiFault
from crawler.photosite.wiki.files import WikiFile
from crawler.photosite.wiki.people import Entity, WikiPerson
from crawler.photosite.wiki.search import DEPICTS, FileIndex
from crawler.photosite.wiki.statements import item_of, item_statement

MOST_IDS = 50
MOST_FOUND = 50
DEFAULT_FOUND = 7
PROPS = ("info", "sitelinks", "sitelinks/urls", "aliases", "labels", "descriptions", "claims", "datatype")
DEFAULT_PROPS = "info|sitelinks|aliases|labels|descriptions|claims|datatype"
_ID = re.compile(r"[QPLM][1-9]\d*", re.IGNORECASE)


class _Rank(NamedTuple):
    """What comes first in a search: the smaller."""

    is_part: bool
    is_alias: bool
    fewer_sitelinks: int
    entity_id: str


class EntityIndex:
    """The items of everyone in the photos."""

    def __init__(self, people: Sequence[WikiPerson]) -> None:
        self.entities = [entity for person in people for entity in person.entities]
        self.by_id = {entity.id: entity for entity in self.entities}
        self.redirects = {entity.redirected_from: entity for entity in self.entities if entity.redirected_from}
        self._terms = [(_folded(entity.label), tuple(map(_folded, entity.aliases))) for entity in self.entities]

    def find(self, words: str) -> list[tuple[Entity, str]]:
        """Return items whose label or alias begins with these words and what matched: whole matches before others."""
        wanted = _folded(words)
        if not wanted:
            return []
        found: list[tuple[_Rank, Entity]] = []
        for entity, (label, aliases) in zip(self.entities, self._terms, strict=True):
            terms = ((label, False), *((alias, True) for alias in aliases))
            ranks = [
                _Rank(term != wanted, is_alias, -entity.sitelinks, entity.id)
                for term, is_alias in terms
                if term.startswith(wanted)
            ]
            if ranks:
                found.append((min(ranks), entity))
        return [
            (entity, "alias" if rank.is_alias else "label") for rank, entity in sorted(found, key=lambda one: one[0])
        ]


def answer_search(index: EntityIndex, call: Call) -> dict[str, Any]:
    """Answer wbsearchentities; raise WikiFault where the wiki refuses it."""
    words, language = call.needed("search"), call.needed("language")
    call.choice("type", ("item", "property", "lexeme"), "item")
    for name in ("uselang", "strictlanguage", "profile"):
        call.text(name)
    limit = call.number("limit", DEFAULT_FOUND, lowest=1, highest=MOST_FOUND, module="wbsearchentities")
    start = call.number("continue", 0, lowest=0, module="wbsearchentities")
    with_url = "url" in call.several("props", ("url",), default="url", module="wbsearchentities")
    is_item = call.text("type", "item") == "item"
    if not is_item:
        found = []
    elif _ID.fullmatch(words.strip()):
        entity = index.by_id.get(words.strip().upper())
        found = [(entity, "entityId")] if entity else []
    else:
        found = index.find(words)
    entries = [
        _found(entity, kind, language, words, with_url=with_url) for entity, kind in found[start : start + limit]
    ]
    answer: dict[str, Any] = {"searchinfo": {"search": words}, "search": entries}
    if len(found) > start + limit <= MOST_FOUND:
        answer["search-continue"] = start + limit
    return {**answer, "success": 1}


def answer_entities(index: EntityIndex, call: Call) -> dict[str, Any]:
    """Answer wbgetentities of Wikidata by ids; raise WikiFault where the wiki refuses it."""
    props = frozenset(call.several("props", PROPS, default=DEFAULT_PROPS, module="wbgetentities"))
    languages = frozenset(call.several("languages", module="wbgetentities"))
    follows = call.choice("redirects", ("yes", "no"), "yes") == "yes"
    for name in ("languagefallback", "normalize", "sitefilter", "sites", "titles"):
        call.text(name)
    entities: dict[str, Any] = {}
    for asked in _ids(call):
        entity = index.by_id.get(asked)
        if entity is None and follows and (target := index.redirects.get(asked)):
            item = item_of(target, props, languages)
            entities[asked] = {**item, "redirects": {"from": asked, "to": target.id}}
        elif entity is None or entity.is_deleted:
            entities[asked] = {"id": asked, "missing": ""}
        else:
            entities[asked] = item_of(entity, props, languages)
    return {"entities": entities, "success": 1}


def answer_media(index: FileIndex, call: Call) -> dict[str, Any]:
    """Answer wbgetentities of Commons: files by id (M and the page id) or by title, with what they depict."""
    for name in ("props", "languages", "sites", "redirects", "normalize"):
        call.text(name)
    entities: dict[str, Any] = {}
    if not call.text("titles"):
        for asked in _ids(call):
            file = index.by_pageid.get(int(asked[1:]))
            entities[asked] = _media(file) if file and asked[0] == "M" else {"id": asked, "missing": ""}
        return {"entities": entities, "success": 1}
    for place, title in enumerate(call.several("titles", module="wbgetentities"), start=1):
        file = index.by_key.get(title.partition(":")[2].replace(" ", "_"))
        if file:
            entities[f"M{file.pageid}"] = _media(file)
        else:
            entities[str(-place)] = {"site": "commonswiki", "title": title, "missing": ""}
    return {"entities": entities, "success": 1}


def _ids(call: Call) -> list[str]:
    ids = call.several("ids", module="wbgetentities", most=MOST_IDS)
    if not ids:
        raise WikiFault(
            "param-missing",
            'Either provide the item "ids" or pairs of "sites" and "titles" for corresponding pages.',
        )
    for asked in ids:
        if not _ID.fullmatch(asked):
            raise WikiFault("no-such-entity", f'Could not find an entity with the ID "{asked}".', id=asked)
    return [asked.upper() for asked in ids]


def _found(entity: Entity, kind: str, language: str, words: str, *, with_url: bool) -> dict[str, Any]:
    number = int(entity.id[1:])
    wanted = _folded(words)
    matches = sorted((alias for alias in entity.aliases if _folded(alias).startswith(wanted)), key=len)
    text = matches[0] if kind == "alias" else entity.label
    entry: dict[str, Any] = {
        "id": entity.id,
        "title": entity.id,
        "pageid": number + 11,
        "display": {
            "label": {"value": entity.label, "language": entity.label_language},
            "description": {"value": entity.description, "language": "en"},
        },
        "repository": "wikidata",
        **({"url": f"//www.wikidata.org/wiki/{entity.id}"} if with_url else {}),
        "concepturi": f"http://www.wikidata.org/entity/{entity.id}",
        "label": entity.label,
        "description": entity.description,
    }
    if kind == "entityId":
        return {**entry, "match": {"type": kind, "text": entity.id}, "aliases": [entity.id]}
    told = language if entity.label_language == "en" else entity.label_language
    entry["match"] = {"type": kind, "language": told, "text": text}
    return entry | ({"aliases": [text]} if text != entity.label else {})


def _media(file: WikiFile) -> dict[str, Any]:
    owner = f"M{file.pageid}"
    depicted = [
        item_statement(owner, place, DEPICTS, item, with_datatype=False) for place, item in enumerate(file.depicts)
    ]
    return {
        "pageid": file.pageid,
        "ns": 6,
        "title": file.title,
        "lastrevid": file.pageid * 7,
        "modified": f"{file.timestamp:%Y-%m-%dT%H:%M:%SZ}",
        "type": "mediainfo",
        "id": owner,
        "labels": {},
        "descriptions": {},
        "statements": {DEPICTS: depicted} if depicted else [],  # PHP's empty array, recorded
    }


def _folded(text: str) -> str:
    return " ".join(words_of(text))
