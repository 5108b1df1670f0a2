"""The speed benchmark: its ceilings by arithmetic, its rows by the trainer's own loop."""

import json
from pathlib import Path

import pytest
from torch import nn

from benchmarks.ceilings import PASSES, Asks, Device, asks_of
from benchmarks.train_speed_run import Asked, run
from train.checkpoint import fresh_net
from train.settings import NetSettings


def test_a_convolution_asks_for_its_products_and_its_outputs() -> None:
    net = nn.Sequential(
        nn.Conv2d(3, 8, 3, padding=1, bias=False), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(8, 5)
    )
    asks = asks_of(net, input_size=10)
    assert asks == Asks(multiply_adds=8 * 100 * 27 + 8 * 5, conv_outputs=8 * 100)


def test_resnet50_at_128_pixels_asks_for_what_the_reference_counted() -> None:
    asks = asks_of(fresh_net(NetSettings(backbone="resnet50", input_size=128), seed=0), input_size=128)
    assert asks.multiply_adds == pytest.approx(1.335e9, rel=0.01)
    assert asks.conv_outputs == pytest.approx(3.63e6, rel=0.01)
    # Its ceilings on an H200, as age-records.md has them: 98,600 by arithmetic, 44,100 by memory.
    device = Device(operations_per_s=790e12, bytes_per_s=4.8e12, bytes_a_number=2)
    assert PASSES * device.bytes_a_number == 30
    assert asks.by_arithmetic(device) == pytest.approx(98_600, rel=0.01)
    assert asks.by_memory(device) == pytest.approx(44_100, rel=0.01)


@pytest.mark.slow
def test_a_row_has_speed_and_its_share_of_the_lower_ceiling(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    asked = Asked(
        backbones=("tiny_age_net",),
        sizes=(32,),
        batch_size=12,
        steps=2,
        precision="float32",
        compile_mode="off",
        is_free=False,
        with_start=False,
    )
    run(asked, json_file=tmp_path / "rows.json")
    (row,) = json.loads((tmp_path / "rows.json").read_text(encoding="utf-8"))["rows"]
    assert row["batch_size"] == 12
    ceiling = min(row["by_arithmetic"], row["by_memory"])
    assert row["share_of_ceiling"] == pytest.approx(row["images_per_s"] / ceiling, abs=1e-3)
    assert "they say: coral-cnn" in capsys.readouterr().out
