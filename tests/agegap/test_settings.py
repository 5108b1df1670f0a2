"""Flag over environment over file over default, and every fault told at once with the nearest name."""

import ast
import dataclasses
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import Field

from agegap.errors import BadInputFile, SettingsError
from agegap.settings import SECTIONS, load_settings, read_settings_file

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Cake:
    """Settings that no command has."""

    learning_rate: Annotated[float, Field(gt=0)] = 0.1
    epochs: int = 10
    mode: Literal["live", "frozen"] = "live"
    shuffle: bool = True
    cap: int | None = None


@dataclass(frozen=True)
class Bounds:
    """Two fields that must agree, and one that has no default."""

    low: int
    high: int = 10

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low must not be above high")


@pytest.fixture(autouse=True)
def _empty_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def _write(text: str) -> None:
    Path("agegap.toml").write_text(text, encoding="utf-8")


def _faults(text: str = "", **flags: object) -> tuple[str, ...]:
    _write(text)
    with pytest.raises(SettingsError) as refused:
        load_settings("train.pretrain", Cake, flags=flags)
    return refused.value.faults


def test_without_any_word_the_defaults_hold() -> None:
    assert load_settings("train.pretrain", Cake) == Cake()


def test_each_place_beats_the_one_before(monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = [load_settings("train.pretrain", Cake).epochs]
    loaded.append(load_settings("train.pretrain", Cake, base={"epochs": 20}).epochs)
    _write("[train.pretrain]\nepochs = 30\n")
    loaded.append(load_settings("train.pretrain", Cake, base={"epochs": 20}).epochs)
    monkeypatch.setenv("AGEGAP_TRAIN_PRETRAIN_EPOCHS", "40")
    loaded.append(load_settings("train.pretrain", Cake, base={"epochs": 20}).epochs)
    loaded.append(load_settings("train.pretrain", Cake, base={"epochs": 20}, flags={"epochs": 50}).epochs)
    assert loaded == [10, 20, 30, 40, 50]


def test_a_flag_that_was_not_typed_changes_nothing() -> None:
    assert load_settings("train.pretrain", Cake, flags={"epochs": None, "shuffle": False}) == Cake(shuffle=False)


def test_a_value_of_zero_or_false_counts_as_typed() -> None:
    loaded = load_settings("train.pretrain", Cake, flags={"cap": 0, "shuffle": False})
    assert (loaded.cap, loaded.shuffle) == (0, False)


@pytest.mark.parametrize(("text", "value"), [("true", True), ("0", False), ("no", False)])
def test_the_environment_is_read_as_the_type_of_the_field(
    text: str, value: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGEGAP_TRAIN_PRETRAIN_SHUFFLE", text)
    assert load_settings("train.pretrain", Cake).shuffle is value


def test_the_loaded_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        load_settings("train.pretrain", Cake).epochs = 1  # type: ignore[misc]


def test_an_unknown_key_is_told_with_the_nearest() -> None:
    assert _faults("[train.pretrain]\nlrate = 1\nlearnin_rate = 1\n") == (
        "agegap.toml [train.pretrain]: unknown key 'lrate'; did you mean 'learning_rate'?",
        "agegap.toml [train.pretrain]: unknown key 'learnin_rate'; did you mean 'learning_rate'?",
    )


def test_every_fault_of_every_place_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEGAP_TRAIN_PRETRAIN_EPOCHS", "many")
    faults = _faults('[train.pretrain]\nmode = "dead"\nepoch = 3\n', learning_rate=-1)
    assert len(faults) == 4
    told = "\n".join(faults)
    for place, word in [
        ("agegap.toml [train.pretrain]", "'epoch'"),
        ("agegap.toml [train.pretrain]", "'mode'"),
        ("environment", "'epochs'"),
        ("flag", "'learning_rate'"),
    ]:
        assert any(place in fault and word in fault for fault in faults), told


def test_a_wrong_value_is_told_with_what_was_given() -> None:
    (fault,) = _faults('[train.pretrain]\nmode = "dead"\n')
    assert fault == "agegap.toml [train.pretrain]: 'mode' input should be 'live' or 'frozen', not 'dead'"


def test_a_misspelt_variable_is_told_and_a_stranger_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEGAP_TRAIN_PRETRAIN_EPOCH", "3")
    monkeypatch.setenv("AGEGAP_TRAIN_PRETRAIN_ZZZ", "3")
    assert _faults() == (
        "environment: unknown AGEGAP_TRAIN_PRETRAIN_EPOCH; did you mean AGEGAP_TRAIN_PRETRAIN_EPOCHS?",
    )


def test_a_field_without_default_must_be_set() -> None:
    with pytest.raises(SettingsError, match=r"^'low' must be set$"):
        load_settings("train.pretrain", Bounds)


def test_fields_that_contradict_each_other_are_told_in_the_words_of_the_dataclass() -> None:
    with pytest.raises(SettingsError, match=r"^low must not be above high$"):
        load_settings("train.pretrain", Bounds, flags={"low": 11})


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("[trian]\n", "agegap.toml: unknown table [trian]; did you mean"),
        ("[train.pretrian]\nepochs = 1\n", "unknown table [train.pretrian]; did you mean 'train.pretrain'?"),
        ("[train]\nepochs = 1\n", "agegap.toml [train]: 'epochs' belongs into one of [train.net]"),
        ("epochs = 1\n", "agegap.toml: 'epochs' stands in no table"),
        ("train = 3\n", "agegap.toml: 'train' stands in no table"),
    ],
)
def test_a_table_no_command_reads_is_a_fault(text: str, fault: str) -> None:
    assert fault in _faults(text)[0]


def test_a_fault_of_another_commands_keys_is_left_to_that_command() -> None:
    _write("[train.finetune]\nnonsense = 1\n")
    assert load_settings("train.pretrain", Cake) == Cake()


@pytest.mark.parametrize("content", [b"[train\n", b"\xff\xfe\x00binary", b"a = \n"])
def test_a_file_that_is_not_toml_is_one_sentence(content: bytes) -> None:
    Path("agegap.toml").write_bytes(content)
    with pytest.raises(BadInputFile, match=r"agegap\.toml: is not TOML"):
        load_settings("train.pretrain", Cake)


def test_a_folder_in_place_of_the_file_is_one_sentence() -> None:
    Path("agegap.toml").mkdir()
    with pytest.raises(BadInputFile, match="cannot be read"):
        read_settings_file(Path("agegap.toml"))


def _sections_in_use() -> dict[str, str]:
    """Return section -> file for each `load_settings` call whose section is a literal or a constant of its module."""
    found = {}
    for package in ("crawler", "curation", "dataset", "db", "train"):
        for file in (ROOT / package).rglob("*.py"):
            tree = ast.parse(file.read_text(encoding="utf-8"))
            constants = {
                target.id: node.value.value
                for node in tree.body
                if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
                for target in node.targets
                if isinstance(target, ast.Name)
            }
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "load_settings" and node.args:
                    first = node.args[0]
                    value = first.value if isinstance(first, ast.Constant) else constants.get(getattr(first, "id", ""))
                    if isinstance(value, str):
                        found[value] = str(file.relative_to(ROOT))
    return found


def test_each_section_a_command_loads_is_a_known_table() -> None:
    unknown = {section: file for section, file in _sections_in_use().items() if section not in SECTIONS}
    assert unknown == {}
