"""Where the crops of a photo lie: `faces/<Subject>/<photo id>_<n>.jpg` below the data folder."""

import re
from collections.abc import Collection

FOLDER = "faces"
SEVERAL = "_several_subjects"
"""Folder of the crops of photos that were found under several names."""

_MAX_PART_BYTES = 200  # file systems take 255; the rest is for what others append
_ODD = re.compile(r"[^\w .,'()&+-]")


def crop_folder(site: str, subjects: Collection[str]) -> str:
    """Return the folder of a photo's crops: its only subject's name, `_<site>` without one, SEVERAL with several."""
    if len(subjects) > 1:
        return f"{FOLDER}/{SEVERAL}"
    parts = next(iter(subjects)).split("/") if subjects else [f"_{site}"]
    return "/".join([FOLDER, *(_safe(part) for part in parts)])


def crop_path(folder: str, photo_id: int, number: int) -> str:
    """Return the path of the crop of face `number` of a photo; rank 0 is the main face."""
    return f"{folder}/{photo_id}_{number}.jpg"


def _safe(part: str) -> str:
    """Return a name as a folder's name: no way out of the data folder, nothing hidden, not too long."""
    cleaned = _ODD.sub("_", part).strip(" .") or "_"
    return cleaned.encode()[:_MAX_PART_BYTES].decode("utf-8", "ignore")
