"""Presets and settings: what wins, and what is said of a wrong name."""

import re
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from agegap.errors import SettingsError, UnknownName
from train.presets import TABLES, load_recipe, parse_typed, preset_names
from train.settings import AugmentSettings, FinetuneSettings, NetSettings, PretrainSettings

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.mark.parametrize("preset", preset_names())
def test_every_shipped_preset_is_valid(preset: str) -> None:
    assert load_recipe(preset).preset == preset


def test_age_difference_is_a_preset_with_all_three_pair_losses() -> None:
    finetune = load_recipe("age-difference").finetune
    assert finetune.use_pairs
    assert min(finetune.w_entropy, finetune.w_bounds, finetune.w_translated) > 0


def test_an_unknown_preset_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match=r"unknown preset 'age-diference'; did you mean 'age-difference'\?") as told:
        load_recipe("age-diference")
    assert told.value.exit_code == 2


def test_an_unknown_setting_is_answered_with_the_nearest() -> None:
    with pytest.raises(SettingsError, match=r"unknown key 'lerning_rate'; did you mean 'learning_rate'\?"):
        load_recipe("age-difference", typed={"pretrain": {"lerning_rate": 1}})


def test_faults_of_all_tables_are_told_at_once() -> None:
    typed: dict[str, dict[str, object]] = {
        "net": {"input_size": "65"},
        "pretrain": {"epochs": "many"},
        "finetune": {"batch_norm": "alive"},
        "augment": {"gray": 1},
    }
    with pytest.raises(SettingsError) as told:
        load_recipe("age-difference", typed=typed)
    assert len(told.value.faults) == 4
    assert all(word in str(told.value) for word in ("input_size", "epochs", "batch_norm", "gray"))


def test_typed_goes_over_the_file_and_the_file_over_the_preset(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    preset = load_recipe("age-difference").pretrain
    (tmp_path / "agegap.toml").write_text("[train.pretrain]\nepochs = 3\nbatch_size = 17\n", encoding="utf-8")
    settings = load_recipe("age-difference", typed={"pretrain": {"batch_size": "19"}}).pretrain
    assert (settings.epochs, settings.batch_size) == (3, 19)
    assert settings.learning_rate == preset.learning_rate


def test_the_net_of_a_checkpoint_takes_the_place_of_the_presets() -> None:
    net = NetSettings(backbone="thin_age_net", input_size=96, classes=80)
    assert load_recipe("age-difference", net=net).net == net
    assert asdict(load_recipe("age-difference", net=net, typed={"net": {"classes": 81}}).net)["classes"] == 81


def test_set_texts_go_to_the_table_they_name() -> None:
    typed = parse_typed(["epochs=3", "net.backbone=thin_age_net", " seed = 4"], tables=TABLES, table="pretrain")
    assert typed["pretrain"] == {"epochs": "3", "seed": "4"}
    assert typed["net"] == {"backbone": "thin_age_net"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("epochs", "write key=value"),
        ("=3", "write key=value"),
        ("epochs=3", "say of which table"),
        ("pretrian.epochs=3", "did you mean 'pretrain'"),
    ],
)
def test_a_set_text_that_says_nothing_is_told(text: str, words: str) -> None:
    with pytest.raises(SettingsError, match=words):
        parse_typed([text], tables=TABLES)


@pytest.mark.parametrize(
    ("table", "cls"),
    [
        ("net", NetSettings),
        ("augment", AugmentSettings),
        ("pretrain", PretrainSettings),
        ("finetune", FinetuneSettings),
    ],
)
def test_every_setting_is_documented_with_its_default(table: str, cls: type) -> None:
    page = (ROOT / "docs" / "train.md").read_text(encoding="utf-8")
    _, _, below = page.partition(f"### [train.{table}]")
    section = below.partition("\n#")[0]
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", section, flags=re.MULTILINE))
    assert told == {field.name: str(field.default) for field in fields(cls)}
