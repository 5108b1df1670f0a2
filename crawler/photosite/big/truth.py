"""What a crawl of a synthetic site ought to find, counted from the site's own columns."""

import json
from pathlib import Path
from typing import Any

import numpy as np

from agegap.files import write_text
from crawler.photosite.big.site import FIRST_ID, BigPhotos
from crawler.photosite.criteria import MOST_PER_PAGE

RESERVED = 0


def write_truth(site: BigPhotos, path: Path) -> None:
    """Write the truth as JSON; its keys are in docs/photosite.md."""
    write_text(path, json.dumps(truth_of(site), indent=1) + "\n")


def truth_of(site: BigPhotos) -> dict[str, Any]:
    """Return names, photos and the least calls a crawl of all names needs, with and without reserved photos."""
    names = []
    for number, name in enumerate(site.names):
        found = site.found_by(number)
        places = site.owned(number)
        by_licence = np.bincount(found.licence, minlength=17)
        open_count = len(found) - int(by_licence[RESERVED])
        names.append(
            {
                "name": name,
                "found": len(found),
                "found_open": open_count,
                "by_licence": {str(licence): int(count) for licence, count in enumerate(by_licence) if count},
                "first_id": str(FIRST_ID + places.start),
                "own": len(places),
                "least_calls": _calls(len(found)),
                "least_calls_open": _calls(open_count),
            }
        )
    return {
        "photos": site.photo_count,
        "photos_open": _open_photos(site),
        "found": sum(entry["found"] for entry in names),
        "found_open": sum(entry["found_open"] for entry in names),
        "least_calls": sum(entry["least_calls"] for entry in names),
        "least_calls_open": sum(entry["least_calls_open"] for entry in names),
        "names": names,
    }


def _calls(photos: int) -> int:
    """Return the least calls that bring so many photos; to learn that there is none takes one too."""
    return max(1, -(-photos // MOST_PER_PAGE))


def _open_photos(site: BigPhotos) -> int:
    """Count distinct photos that are not all rights reserved."""
    return sum(int((site.own(number).licence != RESERVED).sum()) for number in range(len(site.names)))
