"""Answers about one photo: getInfo, getSizes, getExif and the licence's history, key for key as recorded."""

import io
import re
from collections.abc import Callable
from typing import Any

from crawler.photosite.answers import FARM, SERVER, ending_of, image_path, is_kept, last_update_of, views_of
from crawler.photosite.criteria import ApiFault
from crawler.photosite.licences import LICENCES
from crawler.photosite.owners import PAGES
from crawler.photosite.photos import SitePhoto
from crawler.photosite.sizes import BY_KEY, LABELS, ORIGINAL, SIZES, extent_of, number, secret_of
from crawler.photosite.tags import is_machine_tag, normal_tag

Answer = dict[str, Any]

_EXIF_IFD = 0x8769
_ROW_OF_SIZES = sorted(SIZES, key=lambda size: (not size.is_square, size.edge))


def describe_info(photo: SitePhoto) -> Answer:
    """Return the photo as flickr.photos.getInfo does."""
    record = photo.record
    upload = str(record.date_upload)
    page = f"{PAGES}/photos/{record.owner}/{record.id}/"
    # The format of the original is told only of photos that may be downloaded (flickr-photos-api, api.py).
    original = {"originalsecret": secret_of(record.id, ORIGINAL), "originalformat": photo.format}
    return {
        "photo": {
            **_address(record.id),
            "dateuploaded": upload,
            "isfavorite": 0,
            "license": record.license,
            "safety_level": "0",
            "rotation": 0,
            **(original if photo.can_download else {}),
            "owner": {
                "nsid": record.owner,
                "username": record.ownername,
                "realname": "",
                "location": "",
                "iconserver": "0",
                "iconfarm": 0,
                "path_alias": None,
            },
            "title": {"_content": record.title},
            "description": {"_content": record.description},
            "visibility": {"ispublic": 1, "isfriend": 0, "isfamily": 0},
            "dates": {
                "posted": upload,
                "taken": record.date_taken,
                "takengranularity": str(record.date_taken_granularity),
                "takenunknown": str(int(record.date_taken_unknown)),
                "lastupdate": str(last_update_of(photo)),
            },
            "views": str(views_of(photo)),
            "editability": {"cancomment": 0, "canaddmeta": 0},
            "publiceditability": {"cancomment": 1, "canaddmeta": 0},
            "usage": {"candownload": int(photo.can_download), "canblog": 0, "canprint": 0, "canshare": 1},
            "comments": {"_content": str(views_of(photo) // 90)},
            "notes": {"note": []},
            "people": {"haspeople": 0},
            "tags": {"tag": [_tag(photo, place, tag) for place, tag in enumerate(record.tags)]},
            "urls": {"url": [{"type": "photopage", "_content": page}]},
            "media": "photo",
        }
    }


def _address(photo_id: str) -> Answer:
    """Return what the address of an image is made of."""
    return {"id": photo_id, "secret": secret_of(photo_id, BY_KEY["m"]), "server": SERVER, "farm": FARM}


def _tag(photo: SitePhoto, place: int, tag: str) -> Answer:
    is_machine = is_machine_tag(tag)
    return {
        "id": f"{re.sub('[^0-9]', '', photo.record.owner)}-{photo.record.id}-{place}",
        "author": photo.record.owner,
        "authorname": photo.record.ownername,
        "raw": tag,
        "_content": tag if is_machine else normal_tag(tag),
        "machine_tag": int(is_machine),
    }


def describe_sizes(photo: SitePhoto, base_url: str) -> Answer:
    """Return the photo's sizes as flickr.photos.getSizes does, smallest first and the original last."""
    record = photo.record
    entries = []
    for size in (*_ROW_OF_SIZES, ORIGINAL):
        hidden = size is ORIGINAL and not photo.can_download
        if hidden or not is_kept(photo.extent, photo.has_large_sizes, size):
            continue
        extent = extent_of(photo.extent, size)
        entries.append(
            {
                "label": LABELS[size.key],
                # Numbers for squares, text elsewhere, with a number where the side was worked out (recorded in 2014).
                "width": number(extent.width, "int" if size.key == "sq" else "str"),
                "height": number(extent.height, "int" if size.key in ("sq", "n", "c", "h", "k") else "str"),
                "source": base_url + image_path(record.id, size, ending_of(photo, size)),
                "url": f"{PAGES}/photos/{record.owner}/{record.id}/sizes/{size.key}/",
                "media": "photo",
            }
        )
    may = int(photo.can_download)
    return {"sizes": {"canblog": 0, "canprint": 0, "candownload": may, "size": entries}}


def describe_exif(photo: SitePhoto) -> Answer:
    """Return the EXIF of the owner's file as flickr.photos.getExif does; raise ApiFault where that is not allowed."""
    if not photo.can_download:
        raise ApiFault(2, "Permission denied")
    record = photo.record
    entries: list[Answer] = []
    camera = ""
    for space, tag, value in _exif_of(photo.load()):
        if tag == "Model":
            camera = value
        entry = {"tagspace": space, "tagspaceid": 0, "tag": tag, "label": _label(tag), "raw": {"_content": value}}
        entries.append(entry)
    return {
        "photo": {
            **_address(record.id),
            "camera": camera,
            "exif": entries,
        }
    }


def _exif_of(content: bytes) -> list[tuple[str, str, str]]:
    from PIL import ExifTags, Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(content)) as image:
            exif = image.getexif()
            spaces = [("IFD0", dict(exif)), ("ExifIFD", dict(exif.get_ifd(_EXIF_IFD)))]
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError):
        return []
    found = []
    for space, tags in spaces:
        for number_, value in tags.items():
            name = ExifTags.TAGS.get(number_)
            if name and number_ != _EXIF_IFD and not isinstance(value, bytes):
                found.append((space, _FLICKR_NAMES.get(name, name), str(value)))
    return found


_FLICKR_NAMES = {"DateTime": "ModifyDate", "DateTimeDigitized": "CreateDate"}  # ExifTool's names, which the site uses


def _label(tag: str) -> str:
    """Return a tag's name as words: DateTimeOriginal is "Date Time Original"."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", tag)


def describe_licence_history(photo: SitePhoto) -> Answer:
    """Return the changes of the photo's licence as flickr.photos.licenses.getLicenseHistory does."""
    if photo.first_licence is None or photo.last_update is None:
        return {"license_history": []}
    known = {number_: (name, url) for number_, name, url in LICENCES}
    old, new = known.get(photo.first_licence, ("", "")), known.get(photo.record.license, ("", ""))
    change = {
        "date_change": str(photo.last_update),
        "old_license": old[0],
        "old_license_url": old[1],
        "new_license": new[0],
        "new_license_url": new[1],
    }
    return {"license_history": [change]}


ABOUT_A_PHOTO: dict[str, tuple[Callable[[SitePhoto], Answer], str]] = {
    "flickr.photos.getInfo": (describe_info, 'Photo "{}" not found (invalid ID)'),
    "flickr.photos.getExif": (describe_exif, "Photo not found"),
    "flickr.photos.licenses.getLicenseHistory": (describe_licence_history, "Photo not found"),
}
"""Method to its answer and to what it says of an unknown photo."""
