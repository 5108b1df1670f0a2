"""Named recipes: built in, and of agegap.toml."""

from pathlib import Path

import pytest

from agegap.errors import SettingsError, UnknownName
from dataset.face.recipes import RECIPES, Thresholds, load_recipe, recipe_names


def settings_file(folder: Path, text: str) -> Path:
    (folder / "agegap.toml").write_text(text, encoding="utf-8")
    return folder / "agegap.toml"


@pytest.mark.parametrize("name", ["default", "strict", "lenient"])
def test_three_recipes_are_built_in(name: str, tmp_path: Path) -> None:
    assert load_recipe(name, file=tmp_path / "none.toml") == RECIPES[name]
    assert RECIPES["default"] == Thresholds()


def test_a_recipe_of_the_settings_file_is_default_but_for_what_it_says(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "[curate.recipes.old-prints]\nmin_blur = 1\nmax_yaw = 40\n")
    assert load_recipe("old-prints", file=file) == Thresholds(min_blur=1, max_yaw=40)
    assert recipe_names(file) == ["default", "lenient", "old-prints", "strict"]


def test_a_built_in_recipe_can_be_changed_in_part(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "[curate.recipes.strict]\nmin_blur = 99\n")
    changed = load_recipe("strict", file=file)
    assert changed.min_blur == 99
    assert changed.max_yaw == RECIPES["strict"].max_yaw


def test_an_unknown_recipe_is_told_with_the_nearest(tmp_path: Path) -> None:
    file = settings_file(tmp_path, "[curate.recipes.prints]\nmin_blur = 1\n")
    with pytest.raises(UnknownName, match="did you mean 'prints'"):
        load_recipe("print", file=file)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[curate.recipes.mine]\nmin_blurr = 1\n", "did you mean 'min_blur'"),
        ("[curate.recipes.mine]\nmax_yaw = 900\n", "max_yaw"),
        ("[curate.recipes.mine]\nmin_score = 'high'\n", "min_score"),
        ("[curate.recipes]\nmin_blur = 1\n", r"belongs into a table \[curate.recipes.NAME\]"),
        ("[curate.recipes.'My recipe']\nmin_blur = 1\n", "name is 1 to 10"),
        ("[curate.recipes.much-too-long]\nmin_blur = 1\n", "name is 1 to 10"),
    ],
)
def test_a_fault_of_a_recipe_is_one_sentence(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(SettingsError, match=fault):
        load_recipe("mine", file=settings_file(tmp_path, text))
