"""The photos of `benchmarks/scale.py`: drawn people, small, drawn once and kept on disk.

A photo is what `python -m crawler.photosite draw` draws, shrunk: YuNet finds one face in it all the same, in less than
half the time, and the whole site lies in the page cache.
"""

from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from agegap.files import remove_parts, write_bytes, write_text
from agegap.progress import track
from crawler.photosite.drawn.folder import NAMES_FILE, DrawnPhoto, drawn_photos
from crawler.photosite.records import RECORDS_FILE, write_lines

SHRINK = 0.6
"""Of 430x320 pixels: 200 of 200 photos of 2026-11-22 have exactly one face at either size."""

JPEG_QUALITY = 90
_PHOTOS_OF_A_TASK = 200


def draw_site(folder: Path, *, people: int, photos: int, workers: int) -> Path:
    """Draw what is not there yet, `photos` photos each of `people` people; return the folder, for a photo site.

    Killed at any instant, the next call goes on; the lists are written last.
    """
    if (folder / NAMES_FILE).exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    remove_parts(folder)
    planned = list(drawn_photos(people, photos=photos, seed=0, style="album"))
    starts = range(0, len(planned), _PHOTOS_OF_A_TASK)
    tasks = [(folder, planned[start : start + _PHOTOS_OF_A_TASK]) for start in starts]
    with ProcessPoolExecutor(workers) as pool:
        for _ in track(pool.map(_draw_some, tasks), label="draw", total=len(tasks), unit="batch"):
            pass
    lines = write_lines([photo.record for photo in planned])
    write_text(folder / RECORDS_FILE, "".join(f"{line}\n" for line in lines))
    names = dict.fromkeys(str(photo.record.subject) for photo in planned)
    write_text(folder / NAMES_FILE, "".join(f"{name}\n" for name in names))
    return folder


def files_of(folder: Path) -> Iterator[Path]:
    """Yield every file below a folder, one folder's names in memory at a time."""
    for path in folder.iterdir():
        if path.is_dir():
            yield from files_of(path)
        else:
            yield path


def _draw_some(task: tuple[Path, list[DrawnPhoto]]) -> None:
    import cv2

    from crawler.photosite.drawn import draw_photo

    folder, photos = task
    cv2.setNumThreads(1)
    for photo in photos:
        path = folder / photo.record.file
        if not path.exists():
            image = draw_photo(photo.identity_seed, photo.age, photo.photo_seed, style=photo.style)
            small = cv2.resize(image, None, fx=SHRINK, fy=SHRINK, interpolation=cv2.INTER_AREA)
            encoded = cv2.imencode(".jpg", small[:, :, ::-1], [cv2.IMWRITE_JPEG_QUALITY, JPEG_QUALITY])[1]
            write_bytes(path, encoded.tobytes())
