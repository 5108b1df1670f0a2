"""The parameters of the calls we make to Flickr, all but the key.

https://www.flickr.com/services/api/flickr.photos.search.html, .licenses.getInfo, .getInfo
"""

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.sites.flickr.words import MAX_PER_PAGE

_TEXTS_AND_DATES = (
    "description",
    "license",
    "date_upload",
    "date_taken",
    "owner_name",
    "path_alias",
    "realname",
    "tags",
    "machine_tags",
    "geo",
    "views",
    "media",
    "original_format",
    "o_dims",
    "last_update",
    "content_type",
    "safety_level",
)
_USUAL_SIZES = ("s", "n", "w", "m", "z", "c", "l", "o")
EXTRAS = (*_TEXTS_AND_DATES, *(f"url_{size}" for size in _USUAL_SIZES))
"""Everything there is to know about a photo comes with the search: no further call a photo."""

OLDEST_FIRST = "date-posted-asc"
NEWEST_FIRST = "date-posted-desc"

_JSON = {"format": "json", "nojsoncallback": "1"}


@dataclass(frozen=True)
class Slice:
    """Which part of a search's results is asked for: uploads of [min_upload, max_upload], of these licences."""

    licences: str | None = None
    min_upload: int | None = None
    max_upload: int | None = None
    sort: str = OLDEST_FIRST


def search_parameters(
    text: str, *, page: int, per_page: int = MAX_PER_PAGE, part: Slice | None = None, sizes: Sequence[str] = ()
) -> dict[str, str]:
    """Return the parameters of one page of a search; `sizes` are letters asked for besides the usual ones."""
    part = part or Slice()
    more = [f"url_{size}" for size in sizes if size not in _USUAL_SIZES]
    limits = {"license": part.licences, "min_upload_date": part.min_upload, "max_upload_date": part.max_upload}
    return {
        "method": "flickr.photos.search",
        **_JSON,
        "text": text,
        "extras": ",".join((*EXTRAS, *more)),
        "sort": part.sort,
        "per_page": str(per_page),
        "page": str(page),
        **{name: str(value) for name, value in limits.items() if value is not None},
    }


def licences_parameters() -> dict[str, str]:
    """Return the parameters of the call for the list of licences."""
    return {"method": "flickr.photos.licenses.getInfo", **_JSON}


def info_parameters(photo_id: str) -> dict[str, str]:
    """Return the parameters of the call for one photo's facts of today."""
    return {"method": "flickr.photos.getInfo", **_JSON, "photo_id": photo_id}
