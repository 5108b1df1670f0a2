"""A net as an ONNX file: crops in, distributions over ages out; all a program without torch must know is in it.

The graph begins with the grey levels of the crop and ends with what `Model.distributions` says, mirror image and all:
nobody has to repeat the arithmetic between. https://docs.pytorch.org/docs/stable/onnx_export.html
"""

import contextlib
import io
import json
import logging
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agegap.errors import DataFailed, WrongUse
from agegap.files import atomic_path
from train.bins import bins_named, spread
from train.checkpoint import restore_net
from train.crops import Crops
from train.devices import normalise
from train.evaluation.predictions import COVERAGE, flip_average, mean_age
from train.model import Model, NetModel

OPSET = 18
"""Of the operators: every onnxruntime since 1.14 (February 2023) runs it."""

TOLERANCE = 1e-3
"""Years by which the file may differ from torch."""

INPUT, OUTPUTS = "crops", ("distribution", "age", "features")
_CHECK_BATCH = 16


@dataclass(frozen=True)
class Exported:
    """A written file and how near it is to torch."""

    path: str
    bytes: int
    weights_sha256: str
    input_size: int
    # Crops it was compared on, and the largest difference of an age (years) and of a share of a distribution.
    compared: int
    age_difference: float
    share_difference: float
    # The largest difference from the ages that `train predict` says on this machine, which may compute in bfloat16.
    predict_difference: float


class _FromLevels(nn.Module):
    """Grey levels (B, S, S, 3) uint8 to distribution (B, A), expected age (B,) and features (B, D), float32."""

    def __init__(self, net: nn.Module, to_years: NDArray[np.float32] | None) -> None:
        super().__init__()
        self.net = net
        self.to_years: Tensor | None
        self.register_buffer("to_years", None if to_years is None else torch.from_numpy(to_years))

    def forward(self, crops: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        images = normalise(crops.permute(0, 3, 1, 2).float())
        shares = flip_average(self.net, images)
        if self.to_years is not None:
            shares = shares @ self.to_years
        return shares, mean_age(shares), self.net.features(images)  # type: ignore[operator]


def export_onnx(model: Model, out: Path, crops: Crops) -> Exported:
    """Write the net of `model` to `out`, compare it with torch on `crops`, and say how near it is.

    Raises WrongUse for a model that is no single net, and DataFailed, leaving no file, where the two differ by more
    than a thousandth of a year. Compared is with float32: that is what the file computes in, whatever the run did.
    """
    if not isinstance(model, NetModel):
        raise WrongUse(f"{model.path}: {model.name} is no single net; name the folder of a net, such as a member of it")
    bins = model.checkpoint.net.bins
    to_years = spread(np.eye(model.checkpoint.net.classes, dtype=np.float32), bins_named(bins)) if bins else None
    whole = _FromLevels(restore_net(model.path, model.checkpoint), to_years).eval()
    with atomic_path(out) as part:
        _write(whole, part, model, metadata_of(model))
        ages, shares = _differences(whole, part, crops)
        if not ages <= TOLERANCE:
            raise DataFailed(f"{out}: not written; onnxruntime says ages up to {ages:.4f} years from those of torch")
        size = part.stat().st_size
    return Exported(
        path=str(out),
        bytes=size,
        weights_sha256=model.weights_sha256,
        input_size=model.input_size,
        compared=len(crops),
        age_difference=ages,
        share_difference=shares,
        predict_difference=_from_predict(model, whole, crops),
    )


def metadata_of(model: NetModel) -> dict[str, str]:
    """Return what is written into the file, text by name: how to cut, scale and read, and what it is."""
    black, white = normalise(torch.tensor([0.0, 255.0])).tolist()
    std = 255 / (white - black)
    facts: dict[str, Any] = {
        "format": "agegap-onnx 1",
        "model": model.name,
        "stage": model.stage,
        "weights_sha256": model.weights_sha256,
        "crop": dict(model.crop),
        "input_size": model.input_size,
        "input": f"{INPUT}: uint8 (batch, {model.input_size}, {model.input_size}, 3), RGB",
        "shrink": "the aligned crop, once through JPEG of quality 95 (4:4:4), then means of areas (cv2.INTER_AREA)",
        "normalisation": {"mean": -black * std, "std": std, "where": "inside the graph"},
        "mirror_image": "averaged in, inside the graph",
        "classes": "distribution[k] is the share of age k, from k - 1/2 to k + 1/2 years",
        "bins": model.checkpoint.net.bins,
        "interval_coverage": COVERAGE,
        "interval_scale": model.interval_scale,
    }
    return {f"agegap.{name}": fact if isinstance(fact, str) else json.dumps(fact) for name, fact in facts.items()}


def random_crops(count: int, size: int, *, seed: int = 0) -> NDArray[np.uint8]:
    """Return crops (N, S, S, 3) to compare on where no faces are at hand: smooth fields of every brightness."""
    rng = np.random.default_rng(seed)
    small = rng.uniform(0, 255, (count, 8, 8, 3)) * rng.uniform(0.2, 1.0, (count, 1, 1, 1))
    steps = -(-size // 8)
    large = small.repeat(steps, axis=1).repeat(steps, axis=2)[:, :size, :size]
    return np.clip(large + rng.normal(0, 12, large.shape), 0, 255).astype(np.uint8)


def _write(whole: nn.Module, path: Path, model: NetModel, metadata: dict[str, str]) -> None:
    import onnx

    example = torch.zeros((2, model.input_size, model.input_size, 3), dtype=torch.uint8)
    with _quiet():
        program = torch.onnx.export(
            whole,
            (example,),
            input_names=[INPUT],
            output_names=list(OUTPUTS),
            dynamic_shapes={"crops": {0: torch.export.Dim("batch", min=1, max=4096)}},
            opset_version=OPSET,
            dynamo=True,
            verbose=False,
        )
    if program is None:
        raise RuntimeError("torch.onnx gave no program")
    proto = program.model_proto
    for name, text in metadata.items():
        proto.metadata_props.add(key=name, value=text)
    # Where the exporter keeps stack traces with the paths of this machine.
    for node in proto.graph.node:
        del node.metadata_props[:]
        node.doc_string = ""
    onnx.save(proto, str(path))


def _differences(whole: nn.Module, path: Path, crops: Crops) -> tuple[float, float]:
    """Return the largest difference of an age and of a share between onnxruntime and torch."""
    import onnxruntime

    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    ages, shares = 0.0, 0.0
    for start in range(0, len(crops), _CHECK_BATCH):
        images = crops.gather(np.arange(start, min(start + _CHECK_BATCH, len(crops)), dtype=np.int64))
        with torch.inference_mode():
            expected = whole(torch.from_numpy(images))
        found = session.run(list(OUTPUTS), {INPUT: images})
        # A NaN must not pass for a small difference: np.maximum keeps it, max would not.
        shares = float(np.maximum(shares, np.abs(found[0] - expected[0].numpy()).max()))
        ages = float(np.maximum(ages, np.abs(found[1] - expected[1].numpy()).max()))
    return ages, shares


def _from_predict(model: NetModel, whole: nn.Module, crops: Crops) -> float:
    images = torch.from_numpy(crops.gather(np.arange(len(crops), dtype=np.int64)))
    with torch.inference_mode():
        exact = torch.cat([whole(batch)[1] for batch in torch.split(images, _CHECK_BATCH)])
    said = mean_age(torch.from_numpy(model.distributions(crops)))
    return float((said - exact).abs().max())


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporter's progress and advice off the terminal; its errors are raised all the same."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
