"""What `--undo` keeps again is judged as the other faces were, so that `curate filter` finds nothing to move."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, select, update

from curation.cli import curate
from db.models import Face
from tests.curation.face_photos import add_photos, face_rows, person, scan_reasons

RECIPES = """
[curate.recipes.sharp]
min_blur = 1e9
[curate.recipes.any]
min_blur = 0
"""
UNDONE = [("verify", "impostor"), ("dedupe", "duplicate")]


@pytest.fixture
def filed(sqlite_catalog: Engine, tmp_path: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    """Two photos of one subject, looked at; the commands find catalog, data and recipes."""
    (tmp_path / "agegap.toml").write_text(RECIPES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGEGAP_CATALOG", f"sqlite:///{tmp_path / 'catalog.db'}")
    monkeypatch.setenv("AGEGAP_DATA", str(data))
    photos = {"a": person(0), "b": person(1)}
    add_photos(sqlite_catalog, data, photos, subjects={key: ["Ada_Berg"] for key in photos})
    say("faces", "--workers", "0")
    return sqlite_catalog


def say(*arguments: str) -> dict[str, Any]:
    done = CliRunner().invoke(curate, [*arguments, "--json"], catch_exceptions=False)
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


def drop_first(engine: Engine, reason: str) -> None:
    with engine.begin() as connection:
        first = connection.execute(select(Face.id).order_by(Face.id)).scalars().first()
        connection.execute(update(Face).where(Face.id == first).values(status="dropped", drop_reason=reason))


@pytest.mark.parametrize(("command", "reason"), UNDONE)
def test_what_comes_back_is_judged_by_the_recipe_of_its_photo(filed: Engine, command: str, reason: str) -> None:
    drop_first(filed, reason)
    assert say("filter", "--recipe", "sharp")["moved"] == {"kept -> blurred": 1}
    assert scan_reasons(filed) == {"a": reason, "b": "blurred"}
    assert say(command, "--undo")["kept_again"] == 1
    assert [row["drop_reason"] for row in face_rows(filed)] == ["blurred", "blurred"]
    assert scan_reasons(filed) == {"a": "blurred", "b": "blurred"}
    assert say("filter", "--recipe", "sharp")["moved"] == {}


@pytest.mark.parametrize(("command", "reason"), UNDONE)
def test_a_photo_whose_face_comes_back_is_none_without_a_face(filed: Engine, command: str, reason: str) -> None:
    drop_first(filed, reason)
    assert say("filter", "--recipe", "any")["moved"] == {}
    assert scan_reasons(filed) == {"a": reason, "b": None}
    say(command, "--undo")
    assert scan_reasons(filed) == {"a": None, "b": None}
    assert say("filter", "--recipe", "any")["moved"] == {}


def test_where_the_recipe_changed_meanwhile_the_face_is_kept_until_the_next_filter(filed: Engine) -> None:
    drop_first(filed, "impostor")
    say("filter", "--recipe", "sharp")
    Path("agegap.toml").write_text("[curate.recipes.sharp]\nmin_blur = 5e8\n", encoding="utf-8")
    say("verify", "--undo")
    assert [row["drop_reason"] for row in face_rows(filed)] == [None, "blurred"]
    assert say("filter", "--recipe", "sharp")["moved"] == {"kept -> blurred": 1}
