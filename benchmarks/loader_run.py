"""The rows of `benchmarks.loader`: loading alone, and training while loading."""

import itertools
import json
import resource
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from benchmarks.drawn_crops import age_of, write_jpegs, write_packed
from dataset.splits import Split
from train.augment import augment
from train.batches import all_places, prefetched
from train.checkpoint import fresh_net
from train.crops import shrink
from train.data import labelled_faces, open_datasets
from train.devices import choose_machine, repeatable
from train.settings import AugmentSettings, NetSettings, PretrainSettings
from train.stages import loop
from train.stages.pretraining import LabelledBatch, Pretraining

WARM = 2
OURS = "packed array, one thread"


@dataclass(frozen=True)
class Asked:
    """What to measure."""

    faces: int
    steps: int
    batch_size: int
    input_size: int
    backbone: str
    workers: tuple[int, ...]


@dataclass(frozen=True)
class Row:
    """One way to load. Processor seconds are of all processes; the share is of the step, spent waiting for a batch."""

    name: str
    load_images_per_s: float
    load_cpu_us_per_image: float
    train_images_per_s: float
    train_cpu_us_per_image: float
    waiting_share: float


Read = Callable[[Path], NDArray[np.uint8]]


def read_opencv(path: Path) -> NDArray[np.uint8]:
    """Return a JPEG file as RGB, by OpenCV."""
    return np.ascontiguousarray(cv2.imread(str(path), cv2.IMREAD_COLOR)[..., ::-1])  # type: ignore[index]


def read_pillow(path: Path) -> NDArray[np.uint8]:
    """Return a JPEG file as RGB, by Pillow."""
    return np.asarray(Image.open(path).convert("RGB"))


class JpegFaces(Dataset[tuple[torch.Tensor, float]]):
    """Faces in JPEG files as a DataLoader wants them: read, made smaller, varied by our own augment."""

    def __init__(self, paths: list[Path], *, read: Read, input_size: int) -> None:
        self.paths, self.read, self.input_size = paths, read, input_size

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, row: int) -> tuple[torch.Tensor, float]:
        cv2.setNumThreads(1)
        image = shrink(self.read(self.paths[row]), self.input_size)
        rng = np.random.default_rng([row, int(torch.randint(1 << 31, ()))])
        return torch.from_numpy(augment([image], AugmentSettings(), rng=rng)[0]), float(age_of(row))


def run(asked: Asked, *, json_file: Path | None) -> None:
    """Measure all rows and print them."""
    with tempfile.TemporaryDirectory() as place, repeatable():
        packed = write_packed(Path(place) / "packed", asked.faces, split=Split.TRAIN)
        paths = write_jpegs(Path(place) / "jpeg", asked.faces)
        stage = _stage(asked, packed)
        rows = [_measured(OURS, asked, stage, lambda steps: _packed(stage, steps))]
        for read, workers in itertools.product((read_opencv, read_pillow), asked.workers):
            faces = JpegFaces(paths, read=read, input_size=asked.input_size)
            kind = read.__name__.removeprefix("read_")
            name = f"DataLoader, {kind}, workers {workers}"
            rows.append(_measured(name, asked, stage, _jpeg_batches(faces, asked, workers)))
    machine = choose_machine(NetSettings().precision)
    about = {
        "asked": asdict(asked),
        "machine": machine.label,
        "threads": torch.get_num_threads(),
        "torch": torch.__version__,
    }
    print(f"{asked.backbone} at {asked.input_size} px, batch {asked.batch_size}, {machine.label}")
    print(_shown(rows))
    if json_file is not None:
        json_file.write_text(json.dumps({**about, "rows": [asdict(row) for row in rows]}, indent=1), encoding="utf-8")


def _stage(asked: Asked, packed: Path) -> Pretraining:
    faces = labelled_faces(open_datasets([packed]), "train", input_size=asked.input_size)
    settings = PretrainSettings(batch_size=asked.batch_size)
    machine = choose_machine("auto")
    return Pretraining(faces, faces, settings=settings, augmentation=AugmentSettings(), machine=machine)


def _packed(stage: Pretraining, steps: int) -> Iterator[LabelledBatch]:
    return prefetched(stage.batch, range(steps))


def _jpeg_batches(faces: JpegFaces, asked: Asked, workers: int) -> Callable[[int], Iterator[LabelledBatch]]:
    places = all_places(asked.batch_size)

    def batches(steps: int) -> Iterator[LabelledBatch]:
        reader = DataLoader(
            faces,
            batch_size=asked.batch_size,
            shuffle=True,
            num_workers=workers,
            drop_last=True,
            persistent_workers=workers > 0,
        )
        endless = itertools.chain.from_iterable(itertools.repeat(reader))
        for images, ages in itertools.islice(endless, steps):
            yield LabelledBatch(images, ages.float(), places.rows, places)

    return batches


def _measured(name: str, asked: Asked, stage: Pretraining, batches: Callable[[int], Iterator[LabelledBatch]]) -> Row:
    images = asked.steps * asked.batch_size
    cpu, clock = _cpu_s(), time.perf_counter()
    for _ in batches(asked.steps):
        pass
    loading, loading_cpu = time.perf_counter() - clock, _cpu_s() - cpu
    machine = choose_machine("auto")
    net = fresh_net(NetSettings(backbone=asked.backbone, input_size=asked.input_size), seed=0)
    progress = loop.begin(stage, net, machine=machine)
    waiting, started, cpu, last = 0.0, 0.0, 0.0, time.perf_counter()
    for number, batch in enumerate(batches(WARM + asked.steps)):
        if number == WARM:
            waiting, started, cpu = 0.0, time.perf_counter(), _cpu_s()
        else:
            waiting += time.perf_counter() - last
        loop._step(stage, progress, batch, machine=machine)
        last = time.perf_counter()
    training = last - started
    row = Row(
        name,
        round(images / loading, 1),
        round(1e6 * loading_cpu / images, 1),
        round(images / training, 1),
        round(1e6 * (_cpu_s() - cpu) / images, 1),
        round(waiting / training, 4),
    )
    print(json.dumps(asdict(row)), flush=True)
    return row


def _cpu_s() -> float:
    """Return the processor seconds of this process and of its finished workers."""
    uses = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _shown(rows: list[Row]) -> str:
    ours = rows[0]
    lines = [f"{'':34}  load img/s  CPU us/img  train img/s  waiting  loading, times  training, times"]
    for row in rows:
        of_loading = row.load_cpu_us_per_image / ours.load_cpu_us_per_image
        of_training: Any = ours.train_images_per_s / row.train_images_per_s
        lines.append(
            f"{row.name:34}  {row.load_images_per_s:10,.0f}  {row.load_cpu_us_per_image:10.1f}  "
            f"{row.train_images_per_s:11,.1f}  {row.waiting_share:7.1%}  {of_loading:14.2f}  {of_training:15.2f}"
        )
    lines.append(
        "loading, times: processor time of loading against ours; training, times: our images a second against its"
    )
    return "\n".join(lines)
