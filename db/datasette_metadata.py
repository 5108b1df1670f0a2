"""Writing docs/datasette-metadata.json from docs/catalog.md: `python -m db.datasette_metadata`.

    datasette data/catalog.db --metadata docs/datasette-metadata.json

Datasette then shows each table and column with its description, filters by the columns below, and offers the ready
queries. The page is the only place where any of this is written down. Keys: docs.datasette.io/en/0.65.5/metadata.html.
"""

import json
import re
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from agegap.files import write_text

ROOT = Path(__file__).resolve().parent.parent
PAGE, METADATA = ROOT / "docs" / "catalog.md", ROOT / "docs" / "datasette-metadata.json"
DATABASE = "catalog"
"""Datasette names a database after its file, catalog.db."""

FACETS = {
    "query": ["site", "kind", "state"],
    "search_window": ["site", "state"],
    "photo": ["site", "state", "licence"],
    "taken_year": ["source", "precision", "reason"],
    "date_evidence": ["source", "role", "is_chosen"],
    "face_scan": ["recipe", "drop_reason"],
    "face": ["status", "drop_reason", "crop_template"],
    "face_identity": ["verdict"],
    "identity_proposal": ["kind", "state"],
    "duplicate_face": ["kind", "distance"],
    "audit_finding": ["check_name", "state"],
    "pair": ["pair_set_id", "gap_years"],
    "tombstone": ["kind"],
}
"""Columns of few words, by which a table is worth dividing."""
LABELS = {"subject": "display_name", "photo": "title", "pair_set": "name", "licence": "name"}
"""What stands for a row where another table refers to it."""
HIDDEN = ("alembic_version", "api_call", "api_pace", "face_embedding", "host_pace")
"""The crawler's own, and vectors: nothing to look at."""
_EXAMPLE = "'Marta_Quillon'"  # of the page; in Datasette it is a field of a form


def metadata_of(text: str) -> dict[str, Any]:
    """Return Datasette's metadata for the page docs/catalog.md; raise BadInputFile where a part of it is missing."""
    parts = re.split(r"^## (Tables|Views|Ready queries)$", text, flags=re.MULTILINE)
    named = dict(zip(parts[1::2], parts[2::2], strict=True))
    if set(named) != {"Tables", "Views", "Ready queries"}:
        raise BadInputFile(PAGE, "lacks one of its parts 'Tables', 'Views', 'Ready queries'", "write it again")
    tables = {name: _table(name, section) for name, section in _sections(named["Tables"] + named["Views"]).items()}
    tables |= {name: {**tables.get(name, {}), "hidden": True} for name in HIDDEN}
    return {
        "title": "agegap catalog",
        "description": "Who was asked for, what was found, when it was taken, which faces were kept and which pairs "
        "came of it.",
        "databases": {
            DATABASE: {
                "tables": dict(sorted(tables.items())),
                "queries": {
                    slug(title): _query(title, section) for title, section in _sections(named["Ready queries"]).items()
                },
            }
        },
    }


def slug(title: str) -> str:
    """Return a ready query's title as it stands in an address."""
    return "-".join(re.findall(r"\w+", title.lower()))


def _sections(part: str) -> dict[str, str]:
    headed = re.split(r"^### (.+)$", part, flags=re.MULTILINE)[1:]
    return dict(zip(headed[::2], headed[1::2], strict=True))


def _table(name: str, section: str) -> dict[str, Any]:
    words = _plain(section.split("\n| column |")[0])
    columns = re.findall(r"^\| `(\w+)` \| (\S.*) \|$", section, flags=re.MULTILINE)
    table: dict[str, Any] = {"columns": {column: _plain(text) for column, text in columns}}
    if words:
        table["description"] = words
    if name in FACETS:
        table["facets"] = FACETS[name]
    if name in LABELS:
        table["label_column"] = LABELS[name]
    return table


def _query(title: str, section: str) -> dict[str, Any]:
    words, sql = section.split("```sql\n")
    query: dict[str, Any] = {"title": title, "sql": sql.split("```")[0].strip().removesuffix(";")}
    if _EXAMPLE in query["sql"]:
        query |= {"sql": query["sql"].replace(_EXAMPLE, ":subject_name"), "params": ["subject_name"]}
    if description := _plain(words):
        query["description"] = description
    return query


def _plain(text: str) -> str:
    """Return a paragraph without the marks of Markdown."""
    return " ".join(re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", text).replace("`", "").replace("**", "").split())


def main() -> None:
    """Write the file again."""
    content = metadata_of(PAGE.read_text(encoding="utf-8"))
    # In the page's order: Datasette shows columns and queries as they stand here.
    write_text(METADATA, json.dumps(content, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
