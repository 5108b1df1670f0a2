"""docs/datasette-metadata.json is what docs/catalog.md says, and Datasette serves the catalog with it."""

import asyncio
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import Engine

from db.datasette_metadata import DATABASE, FACETS, HIDDEN, LABELS, METADATA, PAGE, metadata_of
from db.models import Base
from tests.db.filled import fill, make_rows

TEXT = PAGE.read_text(encoding="utf-8")


def stored() -> Any:
    return json.loads(METADATA.read_text(encoding="utf-8"))


def test_the_file_is_fresh() -> None:
    assert stored() == metadata_of(TEXT), "run `python -m db.datasette_metadata`"


def test_every_ready_query_of_the_page_is_there_word_for_word() -> None:
    queries = stored()["databases"][DATABASE]["queries"].values()
    blocks = re.findall(r"```sql\n(.*?)```", TEXT, flags=re.DOTALL)
    assert len(blocks) > 15
    given = [query["sql"].replace(":subject_name", "'Marta_Quillon'") + ";\n" for query in queries]
    assert given == blocks
    headings = re.findall(r"^### (.+)$", TEXT.split("\n## Ready queries\n")[1], flags=re.MULTILINE)
    assert [query["title"] for query in queries] == headings


def test_every_table_is_described_and_every_named_column_exists() -> None:
    tables = stored()["databases"][DATABASE]["tables"]
    assert set(tables) >= set(Base.metadata.tables)
    assert set(tables) - set(Base.metadata.tables) == {"alembic_version", "photo_age"}
    for name, table in Base.metadata.tables.items():
        columns = [column.name for column in table.columns]
        assert list(tables[name]["columns"]) == columns
        assert all(tables[name]["columns"].values())
        assert set(FACETS.get(name, ())) <= set(columns)
        assert LABELS.get(name, columns[0]) in columns
    assert {name for name, table in tables.items() if table.get("hidden")} == set(HIDDEN)


def test_datasette_shows_each_table_and_answers_each_query(sqlite_catalog: Engine, tmp_path: Path) -> None:
    app = pytest.importorskip("datasette.app", reason="needs datasette, which is not installed here")
    rows = make_rows()
    with sqlite_catalog.begin() as connection:
        fill(connection, rows)
    sqlite_catalog.dispose()
    path = str(tmp_path / "catalog.db")
    served = app.Datasette([path], metadata=stored())
    content = stored()["databases"][DATABASE]

    async def ask() -> dict[str, Any]:
        answers = {}
        for name in [*content["tables"], *content["queries"]]:
            given = "&subject_name=Marta_Quillon" if name in content["queries"] else ""
            response = await served.client.get(f"/{DATABASE}/{quote(name)}.json?_shape=array{given}")
            answers[name] = response.status_code, len(response.json()) if response.status_code == 200 else response.text
        answers["html"] = (await served.client.get(f"/{DATABASE}/face")).text
        return answers

    answers = asyncio.run(ask())
    page = answers.pop("html")
    for name, (status, _) in answers.items():
        assert status == 200, (name, answers[name])
    assert all(answers[name][1] >= 4 for name in content["queries"])
    assert answers["photo"][1] == 100  # a page of them
    assert "A detected face, kept or dropped" in page
    assert "drop_reason" in page
    assert "other_face" in page  # a facet's value
