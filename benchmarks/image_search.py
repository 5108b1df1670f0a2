"""Flickr's search over the drawn images of `image_server.py`: just enough for `scrapy crawl flickr_names`.

Name number k of `names_file` has images 500k to 500k+499. The photo site of `crawler/photosite/` is the faithful one;
this one only has to cost nothing.
"""

import math
from typing import Any
from urllib.parse import parse_qsl

PHOTOS_A_NAME = 500
_NAME = "Drawn Person"
_FIRST_UPLOAD = 1_100_000_000
_LICENCES = {"4": ("Attribution License", "https://creativecommons.org/licenses/by/2.0/")}


def names_file(count: int) -> str:
    """Return the text of a names file whose crawl fetches `count` images, rounded up to whole names."""
    return "".join(f"{_NAME} {number}\n" for number in range(math.ceil(count / PHOTOS_A_NAME)))


def flickr_answer(body: str, host: str) -> dict[str, Any]:
    """Return the answer to a call of Flickr's API with this form."""
    form = dict(parse_qsl(body))
    if form.get("method") == "flickr.photos.licenses.getInfo":
        licences = [{"id": key, "name": name, "url": url} for key, (name, url) in _LICENCES.items()]
        return {"licenses": {"license": licences}, "stat": "ok"}
    return _search(form, host)


def _search(form: dict[str, str], host: str) -> dict[str, Any]:
    start = int(form["text"].strip('"').rsplit(" ", 1)[1]) * PHOTOS_A_NAME
    least = max(start, int(form.get("min_upload_date", 0)) - _FIRST_UPLOAD)
    most = min(start + PHOTOS_A_NAME - 1, int(form.get("max_upload_date", 1 << 40)) - _FIRST_UPLOAD)
    found = range(least, most + 1)
    if "license" in form and not set(form["license"].split(",")) & _LICENCES.keys():
        found = range(0)
    page, per_page = int(form.get("page", 1)), int(form.get("per_page", 100))
    shown = found[(page - 1) * per_page : page * per_page]
    return {
        "photos": {
            "page": page,
            "pages": math.ceil(len(found) / per_page),
            "perpage": per_page,
            "total": len(found),
            "photo": [_photo(number, host) for number in shown],
        },
        "stat": "ok",
    }


def _photo(number: int, host: str) -> dict[str, Any]:
    return {
        "id": str(10_000_000 + number),
        "owner": "1@N06",
        "secret": "bbdbb5f761",
        "server": "65535",
        "farm": 66,
        "title": f"Drawn in 1998, number {number}",
        "ispublic": 1,
        "license": "4",
        "description": {"_content": "Somewhere, <b>1998</b>"},
        "dateupload": str(_FIRST_UPLOAD + number),
        "datetaken": "1998-01-01 00:00:00",
        "datetakengranularity": 6,
        "datetakenunknown": 0,
        "ownername": "drawn",
        "tags": "one two",
        "machine_tags": "",
        "media": "photo",
        "url_c": f"{host}/{number}.jpg",
        "height_c": 600,
        "width_c": 800,
    }
