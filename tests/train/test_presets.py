"""Presets and settings: what wins, and what is said of a wrong name."""

import re
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from agegap.errors import SettingsError, UnknownName, WrongUse
from train.presets import TABLES, Labelled, Step, load_recipe, needs_net, parse_typed, preset_names, read_preset
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


@pytest.mark.parametrize("preset", preset_names())
def test_every_preset_has_a_line_for_the_list_and_a_section_in_the_docs(preset: str) -> None:
    tables = read_preset(preset)
    assert 0 < len(tables["about"]) < 100
    assert f"\n## `{preset}`\n" in (ROOT / "docs" / "presets.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("preset", preset_names())
def test_a_preset_has_no_word_that_nothing_reads(preset: str) -> None:
    tables = read_preset(preset)
    of_step = {"name", "stage", "labelled", "from", "of", "shares", "choose_within", *TABLES}
    assert tables.keys() <= {"about", "expects_weights", "fusion", "schedule", "member", *TABLES}
    steps = [*tables.get("schedule", [])]
    for member in tables.get("member", []):
        assert member.keys() <= {"name", "schedule", *TABLES}
        steps += member.get("schedule", [])
    earlier: set[str] = set()
    for step in steps:
        assert step.keys() <= of_step
        assert {*step.get("of", ()), *([step["from"]] if "from" in step else [])} <= earlier
        earlier.add(step["name"])
        assert step["stage"] in ("pretrain", "finetune", "soup")
        assert ("of" in step) == (step["stage"] == "soup")
        assert step.get("labelled", "all") in ("all", "first", "between", "last") or isinstance(step["labelled"], list)


def test_the_classes_of_a_net_of_age_groups_are_its_groups() -> None:
    assert load_recipe("agenet").net.classes == 10
    assert load_recipe("agenet", typed={"net": {"bins": "adience"}}).net.classes == 8
    with pytest.raises(SettingsError, match="'classes' 12 does not fit the 10 groups"):
        load_recipe("agenet", typed={"net": {"classes": "12"}})


def test_blended_ages_are_not_ranked() -> None:
    with pytest.raises(SettingsError, match="'mixup' blends ages that 'triplet_weight' ranks"):
        load_recipe("dldl", typed={"pretrain": {"mixup": "0.2", "triplet_weight": "1"}})


def test_a_step_goes_over_its_member_and_typed_goes_over_both() -> None:
    members = {member.name: member for member in load_recipe("two-stream").members}
    assert [step.recipe.pretrain.learning_rate for step in members["vgg-kl"].schedule] == [1e-3, 1e-3, 1e-4]
    assert [step.recipe.pretrain.loss for step in members["vgg-softmax"].schedule] == ["cross-entropy"] * 3
    assert [step.recipe.net.backbone for step in members["own-light"].schedule] == ["thin_age_net"] * 2
    for step in load_recipe("two-stream", typed={"pretrain": {"epochs": "2"}, "net": {"backbone": "lenet"}}).steps:
        assert (step.recipe.pretrain.epochs, step.recipe.net.backbone) == (2, "lenet")


def test_only_systems_that_learn_from_pairs_need_them() -> None:
    needing = {preset for preset in preset_names() if load_recipe(preset).needs_pairs}
    assert needing == {"age-difference", "age-soup", "age-timelines"}


@pytest.mark.parametrize(
    ("labelled", "given", "chosen"),
    [
        ("all", "abcd", "abcd"),
        ("first", "abcd", "a"),
        ("between", "abcd", "bc"),
        ("last", "abcd", "d"),
        ((1, 3), "abcd", "bd"),
        ("between", "ab", "ab"),  # nothing between: every folder there is
        ((2,), "ab", "ab"),
        ("last", "a", "a"),
    ],
)
def test_a_step_reads_the_folders_it_names(labelled: Labelled, given: str, chosen: str) -> None:
    step = Step("step", "pretrain", labelled, load_recipe("dldl"))
    assert step.chosen([Path(one) for one in given]) == [Path(one) for one in chosen]


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
    assert {name: "" if default == '""' else default for name, default in told.items()} == {
        field.name: str(field.default) for field in fields(cls)
    }


def test_a_system_without_a_net_is_not_handed_to_what_trains_one() -> None:
    assert needs_net(load_recipe("dldl")).preset == "dldl"
    with pytest.raises(WrongUse, match="train run geometric"):
        needs_net(load_recipe("geometric"))
