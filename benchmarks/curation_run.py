"""What `benchmarks/curation.py` measures: the whole way of a photo, the faces that are found, and its peers."""

import functools
import json
import os
import resource
import tempfile
import time
from pathlib import Path
from typing import Any

from benchmarks.face_measures import MarkedPhoto, measure, read_marked
from benchmarks.face_peers import PEERS

PEER_PHOTOS = 40
"""The slowest peer takes seconds a photo."""


def run(fgnet: Path, *, photos: int | None, peers: bool) -> None:
    """Measure and print, a line a figure."""
    marked = read_marked(fgnet)
    if photos is not None:
        marked = marked[:: max(1, len(marked) // photos)]
    say("machine", load=[round(v, 1) for v in os.getloadavg()], cores=os.cpu_count(), photos=len(marked))
    speeds(marked)
    qualities(marked)
    if peers:
        for peer in PEERS:
            say_peer(peer, marked[:: max(1, len(marked) // PEER_PHOTOS)])


def speeds(marked: list[MarkedPhoto]) -> None:
    """Time the whole way, photo to crop on disk, with one worker process and with two, and the bare detector."""
    from dataset.face.yunet import YuNet
    from dataset.images import read_image

    net, images = YuNet(), [read_image(photo.path) for photo in marked[::4]]
    started = time.process_time()
    for image in images:
        net.detect(image)
    say("yunet alone", photos_per_cpu_s=round(len(images) / (time.process_time() - started), 1))
    wall: dict[int, float] = {}
    for count in (1, 2):
        wall[count], cpu = seconds_a_photo(marked, count)
        row = {"photos_per_cpu_s": round(1 / cpu, 1), "photos_per_s": round(1 / wall[count], 1)}
        say(f"whole way, {count} process{'es' if count > 1 else ''}", **row, load=round(os.getloadavg()[0], 1))
    say("two processes against one", times_as_many_a_s=round(wall[1] / wall[2], 2))


def seconds_a_photo(marked: list[MarkedPhoto], count: int) -> tuple[float, float]:
    """Return wall and CPU seconds a photo over `count` worker processes, less what their start takes."""
    from curation.face_scan import start_worker
    from dataset.face.settings import FaceSettings

    with tempfile.TemporaryDirectory() as folder:
        arguments = (Path(folder), FaceSettings())
        few, few_cpu = scan(marked[:count], start_worker, arguments, count)
        all_of_them, all_cpu = scan(marked, start_worker, arguments, count)
    photos = len(marked) - count
    return (all_of_them - few) / photos, (all_cpu - few_cpu) / photos


def scan(marked: list[MarkedPhoto], start: Any, arguments: tuple[Any, ...], count: int) -> tuple[float, float]:
    """Look at the photos with `count` new processes; return wall and CPU seconds."""
    from curation.face_scan import ScanTask, crashed
    from curation.processes import Workers

    tasks = [ScanTask(number, photo.path, "faces/all") for number, photo in enumerate(marked)]
    before, started = cpu_s(), time.monotonic()
    for _ in Workers[Any, Any](start, arguments, count=count).map(tasks, crashed=crashed):
        pass
    return time.monotonic() - started, cpu_s() - before


def cpu_s() -> float:
    """Return CPU seconds of this process and of its workers that ended."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def qualities(marked: list[MarkedPhoto]) -> None:
    """Say how often the right face is found, and how far off the eyes are, for each half of the people."""
    from dataset.face.find import find_faces
    from dataset.face.settings import FaceSettings

    for name, refine in (("yunet", False), ("yunet, eyes refined", True)):
        settings = FaceSettings(refine_eyes=refine)
        say(name, **measure(marked, functools.partial(find_faces, settings=settings)))


def say_peer(peer: Any, marked: list[MarkedPhoto]) -> None:
    """Measure one peer, or say why it is not here."""
    try:
        find = peer.load()
    except Exception as fault:  # noqa: BLE001  whatever keeps a foreign package from loading, the others go on
        say(peer.name, skipped=(str(fault).strip().splitlines() or [type(fault).__name__])[0][:160])
        return
    started = time.process_time()
    result = measure(marked, find)
    say(peer.name, photos_per_cpu_s=round(len(marked) / (time.process_time() - started), 1), **result)


def say(name: str, **values: Any) -> None:
    """Print one row."""
    print(f"{name:<28} {json.dumps(values, default=float)}", flush=True)
