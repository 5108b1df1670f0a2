"""Where a net runs: compiled where asked, its weights and their names as they were."""

import copy
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import nn

import train.devices
from agegap.errors import WrongUse
from tests.train.small import small_recipe
from train.checkpoint import fresh_net
from train.devices import PROCESSOR, choose_machine, compiled
from train.distributed import Ranks
from train.settings import NetSettings


@pytest.fixture
def asked_of_compile(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What torch.compile is asked for; it gives back the function as it is."""
    asked: list[dict[str, Any]] = []

    def compile_nothing(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
        def call(*inputs: Any) -> Any:
            asked[-1]["calls"] += 1
            return function(*inputs)

        asked.append({**options, "calls": 0})
        return call

    monkeypatch.setattr(torch, "compile", compile_nothing)
    return asked


def _net() -> nn.Module:
    return fresh_net(small_recipe().net, seed=0).eval()


def test_a_net_is_compiled_in_the_mode_of_the_setting_and_keeps_the_names_of_its_weights(
    asked_of_compile: list[dict[str, Any]],
) -> None:
    net, images = _net(), torch.zeros(1, 3, 32, 32)
    names, said = list(net.state_dict()), net(images)
    made = compiled(net, replace(PROCESSOR, compile_mode="max-autotune-no-cudagraphs"))
    assert torch.equal(made(images), said)
    assert asked_of_compile == [{"mode": "max-autotune-no-cudagraphs", "dynamic": False, "calls": 1}]
    assert list(made.state_dict()) == names
    # The copies that are averaged and saved are plain.
    copy.deepcopy(made)(images)
    assert asked_of_compile[0]["calls"] == 1


def test_nothing_is_compiled_unless_asked_for(asked_of_compile: list[dict[str, Any]]) -> None:
    compiled(_net(), choose_machine("float32"))
    assert NetSettings().compile == "off"
    assert not asked_of_compile


def test_several_processes_are_not_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(train.devices, "join_ranks", lambda: Ranks(0, 2))
    with pytest.raises(WrongUse, match="is for one process"):
        choose_machine("float32", compile_mode="default")
