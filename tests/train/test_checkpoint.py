"""Checkpoints: what is written comes back, and nothing else is taken for one."""

import dataclasses
import pickle
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from agegap.errors import BadInputFile, CheckpointMismatch
from tests.train.conftest import TrainedSystem
from train.checkpoint import (
    Checkpoint,
    check_same_net,
    find_checkpoint,
    fresh_net,
    load_checkpoint,
    restore_net,
    save_checkpoint,
    weights_sha256,
)
from train.settings import NetSettings

NET = NetSettings(backbone="tiny_age_net", input_size=32)


def _checkpoint() -> Checkpoint:
    weights = {name: one.clone() for name, one in fresh_net(NET, seed=3).state_dict().items()}
    return Checkpoint(
        stage="pretrain",
        net=NET,
        crop={"size": 128, "template": "age"},
        notes={"seed": 3},
        step=5,
        steps=9,
        is_finished=True,
        answer=weights,
        interval_scale=1.5,
        training={"meter": {"loss": 0.5}},
    )


def test_a_checkpoint_comes_back_as_it_was(tmp_path: Path) -> None:
    before = _checkpoint()
    save_checkpoint(tmp_path / "checkpoint.pt", before)
    after = load_checkpoint(tmp_path / "checkpoint.pt")
    assert replace(after, answer={}) == replace(before, answer={})
    assert weights_sha256(after.answer) == weights_sha256(before.answer)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.pt"]


def test_the_restored_net_answers_as_the_saved_one(tmp_path: Path) -> None:
    save_checkpoint(tmp_path / "checkpoint.pt", _checkpoint())
    images = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    saved, restored = fresh_net(NET, seed=3).eval(), restore_net(tmp_path, load_checkpoint(tmp_path / "checkpoint.pt"))
    assert torch.equal(saved(images), restored.eval()(images))


def test_one_changed_weight_changes_the_hash() -> None:
    weights = _checkpoint().answer
    before = weights_sha256(weights)
    next(iter(weights.values())).view(-1)[0] += 1e-6
    assert weights_sha256(weights) != before


def test_another_net_is_a_mismatch() -> None:
    with pytest.raises(CheckpointMismatch, match=r"tiny_age_net at 32 pixels.*small_resnet at 32 pixels") as told:
        check_same_net(Path("run"), _checkpoint(), replace(NET, backbone="small_resnet"))
    assert told.value.exit_code == 2
    with pytest.raises(CheckpointMismatch):
        check_same_net(Path("run"), _checkpoint(), replace(NET, classes=80))
    check_same_net(Path("run"), _checkpoint(), replace(NET, precision="bfloat16"))


def test_another_shape_is_a_mismatch_and_comes_back_with_its_weights() -> None:
    shaped = NetSettings(backbone="age_net", input_size=32, filters=4, layers=3, dense=8)
    held = dataclasses.replace(_checkpoint(), net=shaped, answer=fresh_net(shaped, seed=0).state_dict())
    restored = restore_net(Path("run"), held).state_dict()
    assert all(torch.equal(held.answer[name], restored[name]) for name in restored)
    with pytest.raises(CheckpointMismatch, match="filters 4, layers 3, dense 8"):
        check_same_net(Path("run"), held, replace(shaped, filters=0))


def test_another_input_size_is_a_mismatch_only_where_weights_depend_on_it() -> None:
    check_same_net(Path("run"), _checkpoint(), replace(NET, input_size=64))
    sized = replace(NET, backbone="vgg16")
    held = dataclasses.replace(_checkpoint(), net=sized)
    with pytest.raises(CheckpointMismatch, match=r"vgg16 at 32 pixels.*vgg16 at 64 pixels"):
        check_same_net(Path("run"), held, replace(sized, input_size=64))


def test_weights_that_do_not_fit_their_backbone_are_a_mismatch() -> None:
    checkpoint = _checkpoint()
    checkpoint.answer["head.weight"] = checkpoint.answer["head.weight"][:7]
    with pytest.raises(CheckpointMismatch, match=r"head\.weight"):
        restore_net(Path("run"), checkpoint)
    del checkpoint.answer["head.weight"]
    with pytest.raises(CheckpointMismatch, match=r"head\.weight"):
        restore_net(Path("run"), checkpoint)


@pytest.mark.parametrize("content", [b"", b"not a checkpoint", b"PK\x03\x04 half a zip"])
def test_any_other_file_is_one_sentence(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "checkpoint.pt"
    path.write_bytes(content)
    with pytest.raises(BadInputFile, match="is not a checkpoint, or is damaged"):
        load_checkpoint(path)


def test_a_truncated_checkpoint_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "checkpoint.pt"
    save_checkpoint(path, _checkpoint())
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(BadInputFile, match="damaged"):
        load_checkpoint(path)


def test_a_file_of_torch_that_is_none_of_ours_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "other.pt"
    torch.save({"state_dict": {}}, path)
    with pytest.raises(BadInputFile, match="is not a checkpoint of agegap"):
        load_checkpoint(path)
    torch.save({"format": "agegap-checkpoint", "version": 99}, path)
    with pytest.raises(BadInputFile, match="version 99"):
        load_checkpoint(path)
    torch.save({"format": "agegap-checkpoint", "version": 1, "net": {}}, path)
    with pytest.raises(BadInputFile, match="something missing"):
        load_checkpoint(path)


class _Touch:
    """Unpickled, it would make a file: a checkpoint must never be able to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self.path,)


def test_code_in_a_checkpoint_is_not_run(tmp_path: Path) -> None:
    path, trace = tmp_path / "checkpoint.pt", tmp_path / "trace"
    torch.save({"format": "agegap-checkpoint", "version": 1, "notes": _Touch(trace)}, path)
    with pytest.raises(BadInputFile):
        load_checkpoint(path)
    path.write_bytes(pickle.dumps(_Touch(trace)))
    with pytest.raises(BadInputFile):
        load_checkpoint(path)
    assert not trace.exists()


def test_a_run_a_system_and_a_file_all_lead_to_a_checkpoint(system: TrainedSystem, tmp_path: Path) -> None:
    last = system.run / "finetune" / "checkpoint.pt"
    assert find_checkpoint(system.run) == find_checkpoint(last.parent) == find_checkpoint(last) == last
    with pytest.raises(BadInputFile, match=r"holds no checkpoint\.pt"):
        find_checkpoint(tmp_path)
    with pytest.raises(BadInputFile, match="no such file or folder"):
        find_checkpoint(tmp_path / "nothing")


def test_a_system_whose_second_stage_is_unfinished_answers_with_the_first(tmp_path: Path) -> None:
    for stage, is_finished in (("pretrain", True), ("finetune", False)):
        save_checkpoint(tmp_path / stage / "checkpoint.pt", replace(_checkpoint(), is_finished=is_finished))
    assert find_checkpoint(tmp_path).parent.name == "pretrain"
