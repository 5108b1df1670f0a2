"""The rows of `benchmarks.train_speed`."""

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch

from benchmarks.ceilings import Device, asks_of, measure_device, wait_for
from benchmarks.drawn_crops import write_packed
from dataset.splits import Split
from train.checkpoint import fresh_net
from train.crops import Crops, Part
from train.data import FacePairs, LabelledFaces
from train.devices import Machine, choose_machine, place, repeatable
from train.settings import AugmentSettings, CompileMode, FinetuneSettings, NetSettings, Precision
from train.stages.finetuning import FinetuneData, Finetuning
from train.stages.loop import begin, time_steps

BIN = Path(sys.executable).parent

FACES = {"cpu": 2048, "cuda": 65536}
WARM = {"cpu": 2, "cuda": 12}
STEPS = {"cpu": 5, "cuda": 60}
BATCH = {"cpu": 96, "cuda": 1536}
PHOTOS_EACH = 8
WAIT_S = 120

TARGETS = {"resnet50": 15_000, "resnet18": 50_000, "vgg16": 9_000}
"""Images a second on one H200 at 128 pixels in bfloat16 (issue 6)."""

PEERS = (
    ("coral-cnn, ResNet-34, 120 px, GPU not stated", "800-940", "raschka-research-group/coral-cnn, training logs"),
    ("SSR_Net_Pytorch, 64 px, GTX 1080 Ti", "330-500", "its issue 1: 90 epochs of about 40,000 in 2 to 3 hours"),
    ("yu4u/age-gender-estimation, WRN-16-8, 64 px", "171", "its issue 41: 21,337 images in 125 s"),
)
"""Said by their authors, of training; of other machines, so for the order of size only."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to measure; None is the device's default."""

    backbones: tuple[str, ...]
    sizes: tuple[int, ...]
    batch_size: int | None
    steps: int | None
    precision: str
    compile_mode: str
    is_free: bool
    with_start: bool


@dataclass(frozen=True)
class Row:
    """One net at one size; images a second."""

    backbone: str
    size: int
    batch_size: int
    images_per_s: float
    by_arithmetic: float
    by_memory: float
    share_of_ceiling: float
    peak_memory_mb: int | None


def run(asked: Asked, *, json_file: Path | None) -> None:
    """Measure all rows and print them."""
    machine = choose_machine(_precision(asked.precision), compile_mode=_mode(asked.compile_mode))
    device = measure_device(machine.device, machine.dtype)
    name = torch.cuda.get_device_name() if machine.device.type == "cuda" else f"{torch.get_num_threads()} threads"
    about = {
        "machine": f"{machine.label}, {name}",
        "torch": torch.__version__,
        "compile": asked.compile_mode,
        "repeats": not asked.is_free,
        "measured": asdict(device),
    }
    print(
        f"{about['machine']}: {device.operations_per_s / 1e12:.2f} TFLOP/s in a matrix product, "
        f"{device.bytes_per_s / 1e9:.1f} GB/s in a sum of arrays"
    )
    print(
        f"{'':14} {'px':>4} {'batch':>6} {'images/s':>10} {'arithmetic':>11} {'memory':>11} {'share':>6} {'target':>8}"
    )
    rows = []
    torch.backends.cudnn.benchmark = asked.is_free
    for size in asked.sizes:
        for backbone in asked.backbones:
            with contextlib.nullcontext() if asked.is_free else repeatable():
                rows.append(measure(backbone, size, asked, machine=machine, device=device))
            print(_line(rows[-1]), flush=True)
    for who, images, source in PEERS:
        print(f"  they say: {who}: {images} images/s ({source})")
    start = seconds_to_first_step() if asked.with_start else None
    if start is not None:
        print(f"`train run` to its first step: {start:.2f} s")
    if json_file is not None:
        content = {**about, "rows": [asdict(row) for row in rows], "seconds_to_first_step": start}
        json_file.write_text(json.dumps(content, indent=1), encoding="utf-8")


def measure(backbone: str, size: int, asked: Asked, *, machine: Machine, device: Device) -> Row:
    """Return the speed of one net."""
    kind = machine.device.type
    batch = asked.batch_size or BATCH[kind]
    steps = asked.steps or STEPS[kind]
    settings = FinetuneSettings(pairs_per_batch=batch // 3, replay_per_batch=batch - 2 * (batch // 3))
    net = fresh_net(NetSettings(backbone=backbone, input_size=size), seed=0)
    asks = asks_of(net, input_size=size)
    stage = Finetuning(
        _random_data(FACES[kind], size),
        place(net, machine),
        settings=settings,
        augmentation=AugmentSettings(),
        machine=machine,
    )
    progress = begin(stage, net, machine=machine)
    warm = WARM[kind]
    time_steps(stage, progress, range(warm), machine=machine)
    wait_for(machine.device)
    if kind == "cuda":
        torch.cuda.reset_peak_memory_stats()
    clock = time.perf_counter()
    time_steps(stage, progress, range(warm, warm + steps), machine=machine)
    wait_for(machine.device)
    speed = steps * stage.images_per_step / (time.perf_counter() - clock)
    arithmetic, memory = asks.by_arithmetic(device), asks.by_memory(device)
    return Row(
        backbone,
        size,
        stage.images_per_step,
        round(speed, 1),
        round(arithmetic, 1),
        round(memory, 1),
        round(speed / min(arithmetic, memory), 3),
        torch.cuda.max_memory_allocated() >> 20 if kind == "cuda" else None,
    )


def seconds_to_first_step() -> float:
    """Return the seconds from typing `train run` to the first line of its metrics."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        labelled = write_packed(place / "labelled", 1000)
        pairs = write_packed(place / "pairs", 400, with_pairs=True)
        test = write_packed(place / "test", 50, split=Split.TEST)
        metrics = place / "out" / "pretrain" / "metrics.jsonl"
        command = [str(BIN / "train"), "run", "age-timelines", "--out", str(place / "out")]
        command += ["--labelled", str(labelled), "--pairs", str(pairs), "--test", str(test)]
        command += ["--set", "pretrain.log_every=1"]
        clock = time.perf_counter()
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
        try:
            while not (metrics.exists() and '"train"' in metrics.read_text(encoding="utf-8")):
                if child.poll() is not None or time.perf_counter() - clock > WAIT_S:
                    return float("nan")
                time.sleep(0.01)
            return time.perf_counter() - clock
        finally:
            child.kill()
            child.wait()


@lru_cache(maxsize=1)
def _random_data(count: int, size: int) -> FinetuneData:
    """Return random crops: every eight of one person, all their pairs, K of seven years a photo; and labelled ones."""
    rng = np.random.default_rng(0)
    crops, labelled = (_random_crops(count, size, rng) for _ in range(2))
    first = np.arange(0, count, PHOTOS_EACH)
    steps = [(a, b) for a in range(PHOTOS_EACH) for b in range(a + 1, PHOTOS_EACH)]
    pairs = FacePairs(
        crops,
        younger=np.concatenate([first + a for a, _ in steps]),
        older=np.concatenate([first + b for _, b in steps]),
        gap_years=np.concatenate([np.full(len(first), 7 * (b - a)) for a, b in steps]),
        subject=np.concatenate([first // PHOTOS_EACH for _ in steps]),
    )
    ages = rng.uniform(0, 90, count).astype(np.float32)
    nobody = pairs.take(np.zeros(0, np.int64))
    return FinetuneData(pairs=pairs, held_out_pairs=nobody, replay=LabelledFaces(labelled, ages), held_out=None)


def _random_crops(count: int, size: int, rng: np.random.Generator) -> Crops:
    array = rng.integers(0, 256, (count, size, size, 3), dtype=np.uint8)
    return Crops((Part(array, np.arange(count, dtype=np.int64)),))


def _line(row: Row) -> str:
    target = TARGETS.get(row.backbone)
    is_asked = target is not None and row.size == 128 and row.peak_memory_mb is not None
    return (
        f"{row.backbone:14} {row.size:4} {row.batch_size:6} {row.images_per_s:10,.1f} {row.by_arithmetic:11,.0f} "
        f"{row.by_memory:11,.0f} {row.share_of_ceiling:6.1%} {f'{target:,}' if is_asked else '':>8}"
    )


def _precision(name: str) -> Precision:
    known: dict[str, Precision] = {"auto": "auto", "float32": "float32", "bfloat16": "bfloat16"}
    return known[name]


def _mode(name: str) -> CompileMode:
    known: dict[str, CompileMode] = {"off": "off", "default": "default"}
    return known.get(name, "max-autotune-no-cudagraphs")
