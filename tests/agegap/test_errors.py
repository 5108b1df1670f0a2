"""Each error writes its own sentence and knows its exit code."""

import pytest

from agegap import errors
from agegap.errors import AgegapError, DataFailed, WrongUse, suggest

EXAMPLES: list[tuple[AgegapError, int, str]] = [
    (errors.SettingsError(["a is wrong", "b is wrong"]), 2, "a is wrong; b is wrong"),
    (
        errors.UnknownName("preset", "age-diference", ["age-difference", "tiny"]),
        2,
        "unknown preset 'age-diference'; did you mean 'age-difference'?",
    ),
    (errors.BadInputFile("names.txt", "is empty", "give one name a line"), 2, "names.txt: is empty; give one name a"),
    (errors.CatalogUnreachable("sqlite:///x", "is a folder"), 2, "catalog sqlite:///x: is a folder; set AGEGAP_CATA"),
    (errors.MissingKey("FLICKR_API_KEY", "flickr"), 2, "flickr needs an API key: set FLICKR_API_KEY in the environ"),
    (errors.NothingToDo("catalog", "no faces", "run `curate faces`"), 2, "catalog: no faces; run `curate faces`"),
    (errors.CheckpointMismatch("run", "net a", "net b"), 2, "run: the checkpoint holds net b, this run is set to n"),
    (errors.CatalogFailed("sqlite:///x", "disk is full"), 1, "catalog sqlite:///x: disk is full; what was committed"),
    (DataFailed("no photo could be read"), 1, "no photo could be read"),
]


@pytest.mark.parametrize(("error", "code", "start"), EXAMPLES, ids=lambda value: type(value).__name__)
def test_an_error_is_one_sentence_with_an_exit_code(error: AgegapError, code: int, start: str) -> None:
    assert str(error).startswith(start)
    assert "\n" not in str(error)
    assert error.exit_code == code


def _all_below(cls: type[AgegapError]) -> set[type[AgegapError]]:
    return {cls}.union(*(_all_below(child) for child in cls.__subclasses__()))


def test_the_drawn_tree_holds_each_error_of_the_module() -> None:
    ours = {cls.__name__ for cls in _all_below(AgegapError) if cls.__module__ == "agegap.errors"}
    drawn = {word for word in errors.__doc__.replace("─", " ").split() if word in vars(errors)}
    assert drawn >= ours


def test_wrong_use_is_2_and_failed_data_is_1() -> None:
    assert all(cls.exit_code == 2 for cls in _all_below(WrongUse))
    assert all(cls.exit_code == 1 for cls in _all_below(DataFailed))


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("fgnett", "did you mean 'fgnet'?"),
        ("utk", "did you mean 'utkface'?"),
        ("zzz", "known: fgnet, folder, utkface"),
        ("", "known: fgnet, folder, utkface"),
    ],
)
def test_the_nearest_name_is_suggested_and_else_all_are_listed(typed: str, told: str) -> None:
    assert suggest(typed, ["utkface", "fgnet", "folder"]) == told
