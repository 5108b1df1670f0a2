"""How fast pairs are chosen and stored: drawn people with a long tail of faces, no images.

    python -m benchmarks.pairs                     # 100,000, 1,000,000 and 10,000,000 faces
    python -m benchmarks.pairs --faces 100000 --store

Faces per subject are lognormal (sigma 0.9), as in real crawls: a few people have most photos. Each size runs in a
process of its own, so that its memory is its own.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.steps import click_help

SIZES = (100_000, 1_000_000, 10_000_000)
FACES_PER_SUBJECT = 20  # mean
SIGMA = 0.9
STRANGER_SIZE = 1_000_000
"""Above it strangers are not measured: the line of all faces is a sort of five columns."""


@dataclass(frozen=True)
class Took:
    """What a piece of work cost."""

    what: str
    cpu_s: float
    wall_s: float
    count: int

    def __str__(self) -> str:
        return (
            f"  {self.what:<44} {self.cpu_s:8.2f} CPU-s {self.wall_s:8.2f} s {self.count:>12,} pairs "
            f"{self.count / max(self.wall_s, 1e-9):>12,.0f}/s"
        )


def draw_faces(count: int, *, seed: int = 0) -> Any:
    """Return DatedFaces of `count` faces with a long tail, years 1950-2019, no two of one event or picture."""
    from db.dated_faces import NO_DAY, DatedFaces, Subjects

    rng = np.random.default_rng(seed)
    people = count // FACES_PER_SUBJECT
    share = rng.lognormal(0, SIGMA, people)
    subject = np.sort(rng.choice(people, size=count, p=share / share.sum()).astype(np.int32))
    identity = rng.integers(0, 2**63, count, dtype=np.int64)
    year = rng.integers(1950, 2020, count).astype(np.int16)
    return DatedFaces(
        face_id=np.arange(1, count + 1),
        subject=subject,
        identity=identity,
        year=year,
        year_min=year,
        year_max=year,
        confidence=np.full(count, 0.9),
        day=np.full(count, NO_DAY, np.int32),
        event=identity,
        order_key=rng.integers(1, 2**31, count).astype(np.int32),
        perceptual_hash=rng.integers(0, 2**64, count, dtype=np.uint64),
        has_perceptual_hash=np.ones(count, np.bool_),
        picture=rng.integers(1, 2**64, count, dtype=np.uint64),
        quality=rng.random(count, dtype=np.float32),
        subjects=Subjects(np.arange(1, people + 1), tuple(f"p{number}" for number in range(people))),
    )


def took(what: str, work: Callable[[], int]) -> Took:
    """Run `work`, which returns how many pairs it made, and say what it cost."""
    cpu, wall = time.process_time(), time.perf_counter()
    count = work()
    return Took(what, time.process_time() - cpu, time.perf_counter() - wall, count)


def peak_gb() -> float:
    """Return the most memory this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


def measure(count: int, *, store: bool) -> dict[str, Any]:
    """Choose pairs of `count` faces in several ways; return what each cost."""
    from curation.pairing.build import build_pairs
    from curation.pairing.settings import PairSettings

    faces = draw_faces(count)
    start_gb = peak_gb()
    print(f"{count:,} faces of {len(faces.subjects.id):,} people; {start_gb:.2f} GB with the faces", flush=True)
    built: list[Any] = []

    def capped() -> int:
        built[:] = [build_pairs(faces, PairSettings(seed=1))]
        return len(built[0])

    rows = [took("capped 4 a (subject, K), seeded", capped)]
    print(rows[-1], flush=True)
    capped_gb = peak_gb()
    print(f"  peak {capped_gb:.2f} GB; {built[0].chosen.candidates:,} candidates", flush=True)
    rows.append(took("its sha256", lambda: len(built[0].sha256) and len(built[0])))
    print(rows[-1], flush=True)
    if store:
        rows += store_all(built[0])
    if count <= STRANGER_SIZE:
        settings = PairSettings(seed=1, negatives=1.0)
        rows.append(took("capped, and as many strangers", lambda: len(build_pairs(faces, settings).strangers)))
        print(rows[-1], flush=True)
    built.clear()
    everything = PairSettings(per_subject_k=10**9)
    rows.append(took("all pairs, K 1-60", lambda: len(build_pairs(faces, everything))))
    print(rows[-1], flush=True)
    print(f"  peak {peak_gb():.2f} GB", flush=True)
    return {"faces": count, "capped_peak_gb": capped_gb, "peak_gb": peak_gb(), "took": [vars(row) for row in rows]}


def store_all(built: Any) -> list[Took]:
    """Write the pairs into an SQLite catalog and into Parquet."""
    from curation.pairing.files import write_pairs
    from db.pair_writing import replace_pair_set
    from db.session import open_catalog

    with tempfile.TemporaryDirectory(prefix="agegap-pairs-") as folder:
        engine = open_catalog(f"sqlite:///{folder}/catalog.db")
        fill_faces(engine, built.faces)
        rows = built.rows

        def write_rows() -> int:
            with engine.begin() as connection:
                replace_pair_set(connection, rows, name="one", recipe={}, seed=0, code_version="", sha256="")
            return len(rows)

        measured = [took("into SQLite, four indexes included", write_rows)]
        print(measured[-1], flush=True)
        measured.append(took("into SQLite, in the place of those", write_rows))
        print(measured[-1], flush=True)

        def write_file() -> int:
            write_pairs(Path(folder) / "pairs.parquet", built)
            return len(built)

        measured.append(took("into Parquet (zstd)", write_file))
        print(measured[-1], flush=True)
        size = (Path(folder) / "pairs.parquet").stat().st_size
        print(f"  {size / max(len(built), 1):.1f} bytes a pair in Parquet", flush=True)
        return measured


def fill_faces(engine: Any, faces: Any) -> None:
    """Put the subjects, photos and faces that pairs point at into the catalog, with nothing else about them."""
    from sqlalchemy import text

    now = "2026-01-01 00:00:00"
    with engine.begin() as connection:
        connection.execute(
            text("insert into subject (id, name, display_name, created_at) values (:id, :name, :name, :now)"),
            [
                {"id": int(number), "name": name, "now": now}
                for number, name in zip(faces.subjects.id, faces.subjects.name, strict=True)
            ],
        )
        connection.execute(
            text(
                "insert into photo (id, site, site_id, state, attempts, found_at) values (1, 's', '1', 'done', 0, :now)"
            ),
            {"now": now},
        )
        driver: Any = connection.connection.driver_connection
        driver.executemany(
            "insert into face (id, photo_id, subject_id, detector, detection_score, box_x, box_y, box_width,"
            " box_height, landmarks, eye_distance, status) values (?, 1, ?, 'none', 1, 0, 0, 1, 1, '[]', 1, 'kept')",
            zip(faces.face_id.tolist(), faces.subjects.id[faces.subject].tolist(), strict=True),
        )


@click.command(help=click_help(__doc__))
@click.option("--faces", type=int, multiple=True, default=SIZES, show_default=True, help="A size; again for several.")
@click.option("--store", is_flag=True, help="Also write the capped pairs into SQLite and Parquet.")
@click.option("--json", "out", type=click.Path(path_type=Path), help="Write the figures here, a line a size.")
@click.option("--here", is_flag=True, hidden=True)
def main(*, faces: tuple[int, ...], store: bool, out: Path | None, here: bool) -> None:
    """Measure each size in a process of its own."""
    if here:
        figures = measure(faces[0], store=store)
        if out is not None:
            with out.open("a", encoding="utf-8") as lines:
                lines.write(json.dumps(figures) + "\n")
        return
    for count in faces:
        command = [sys.executable, "-m", "benchmarks.pairs", "--here", "--faces", str(count)]
        command += ["--store"] if store else []
        command += ["--json", str(out)] if out is not None else []
        subprocess.run(command, check=True)


if __name__ == "__main__":
    main()
