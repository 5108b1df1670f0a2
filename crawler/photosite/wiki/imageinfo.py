"""`prop=imageinfo`: what a file is, where it is, and what its page says.

Order and conditions of the fields: mediawiki includes/api/ApiQueryImageInfo.php, `getInfo`.
"""

from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from crawler.photosite.wiki.envelope import Call, WikiFault
from crawler.photosite.wiki.extmetadata import commonmetadata_of, extmetadata_of
from crawler.photosite.wiki.files import WikiFile
from crawler.photosite.wiki.pictures import PictureStore, extent_of, original_path, thumb_extent, thumb_path

TRANSFORM_LIMIT = 50  # thumbnails in one answer: beyond it the answer is a partial batch
MODULE = "imageinfo"
PROPS = (
    "timestamp", "user", "userid", "comment", "parsedcomment", "canonicaltitle", "url", "size", "dimensions", "sha1",
    "mime", "thumbmime", "mediatype", "metadata", "commonmetadata", "extmetadata", "archivename", "bitdepth",
    "uploadwarning", "badfile",
)  # fmt: skip
INFO_PARAMS = (
    "iiprop", "iilimit", "iistart", "iiend", "iiurlwidth", "iiurlheight", "iimetadataversion", "iiextmetadatalanguage",
    "iiextmetadatamultilang", "iiextmetadatafilter", "iiurlparam", "iibadfilecontexttitle", "iicontinue", "iilocalonly",
)  # fmt: skip
UNESCAPED = ";@$!*(),/~:"  # what page addresses leave as it is


@dataclass(frozen=True)
class Wanted:
    """What a call wants to know of each file."""

    props: frozenset[str]
    width: int | None
    height: int | None
    only: frozenset[str]  # keys of extmetadata; empty is all

    @property
    def is_transform(self) -> bool:
        """Whether each file counts against the limit of thumbnails."""
        return "url" in self.props and (self.width is not None or self.height is not None)


def read_wanted(call: Call) -> Wanted:
    """Read the parameters of imageinfo."""
    width = call.number("iiurlwidth", -1, lowest=-1, module=MODULE)
    height = call.number("iiurlheight", -1, lowest=-1, module=MODULE)
    return Wanted(
        frozenset(call.several("iiprop", PROPS, default="timestamp|user", module=MODULE)),
        width if width > 0 else None,
        height if height > 0 else None,
        frozenset(call.several("iiextmetadatafilter", module=MODULE)),
    )


def add_imageinfo(
    pages: list[dict[str, Any]], files: dict[str, WikiFile], wanted: Wanted, call: Call, store: PictureStore, base: str
) -> str | None:
    """Add imageinfo to the file pages among `pages`, in the order of their names; return where to continue, if cut.

    `files` maps page titles to files that exist.
    """
    start = call.text("iicontinue")
    first, bar, moment = start.rpartition("|")
    if start and not (bar and moment.isdigit()):
        raise WikiFault(
            "badcontinue", "Invalid continue param. You should pass the original value returned by the previous query."
        )
    transforms = 0
    by_key = {page["title"].partition(":")[2].replace(" ", "_"): page for page in pages if page.get("ns") == 6}
    for key, page in sorted(by_key.items()):
        if key < first:
            continue
        file = files.get(page["title"])
        if file is None or not file.has_file:
            page["imagerepository"] = ""
            continue
        if wanted.is_transform and transforms >= TRANSFORM_LIMIT:
            return f"{key}|{file.timestamp:%Y%m%d%H%M%S}"
        transforms += wanted.is_transform
        page["imagerepository"] = "local"
        page["imageinfo"] = [imageinfo_of(file, wanted, store, base)]
    return None


def imageinfo_of(file: WikiFile, wanted: Wanted, store: PictureStore, base: str) -> dict[str, Any]:
    """Return the imageinfo of a file that exists; `base` is the address of the wiki and its image host."""
    props, extent, found = wanted.props, extent_of(file), dict[str, Any]()
    user = file.photo.record.ownername if file.photo else "Archivist"
    if "timestamp" in props:
        found["timestamp"] = f"{file.timestamp:%Y-%m-%dT%H:%M:%SZ}"
    if "user" in props:
        found["user"] = user
    if "userid" in props:
        found["userid"] = 1000 + len(user)
    if props & {"size", "dimensions"}:
        found |= {"size": store.facts(file).byte_count, "width": extent.width, "height": extent.height}
        if file.format == "pdf":
            found["pagecount"] = 1
    for name in ("parsedcomment", "comment"):
        if name in props:
            found[name] = "Uploaded own work with UploadWizard"
    if "canonicaltitle" in props:
        found["canonicaltitle"] = file.title
    if "url" in props:
        found |= _urls(file, wanted, base)
    if "sha1" in props:
        found["sha1"] = store.facts(file).sha1
    if "metadata" in props:
        found["metadata"] = commonmetadata_of(file) or None
    if "commonmetadata" in props:
        found["commonmetadata"] = commonmetadata_of(file)
    if "extmetadata" in props:
        said = extmetadata_of(file)
        found["extmetadata"] = {name: said[name] for name in said if not wanted.only or name in wanted.only}
    if "mime" in props:
        found["mime"] = file.mime
    if "mediatype" in props:
        found["mediatype"] = file.mediatype
    if "bitdepth" in props:
        found["bitdepth"] = 8
    return found


def page_url(title: str, base: str) -> str:
    """Return the address of a page."""
    return f"{base}/wiki/{quote(title.replace(' ', '_'), safe=UNESCAPED)}"


def _urls(file: WikiFile, wanted: Wanted, base: str) -> dict[str, Any]:
    found: dict[str, Any] = {}
    original = f"{base}{original_path(file)}"
    if wanted.is_transform:
        extent = extent_of(file)
        thumb = thumb_extent(file, wanted.width or extent.width, wanted.height)
        if thumb is None:  # never enlarged: the thumbnail is the file itself
            found |= {"thumburl": original, "thumbwidth": extent.width, "thumbheight": extent.height}
        else:
            found |= {"thumburl": f"{base}{thumb_path(file, thumb.width)}", "thumbwidth": thumb.width,
                      "thumbheight": thumb.height}  # fmt: skip
            if "thumbmime" in wanted.props:
                found["thumbmime"] = "image/png" if file.format in ("svg", "png", "gif") else "image/jpeg"
            twice = thumb_extent(file, thumb.width * 2, None)
            found["responsiveUrls"] = {"2": f"{base}{thumb_path(file, twice.width)}" if twice else original}
    found["url"] = original
    found["descriptionurl"] = page_url(file.title, base)
    found["descriptionshorturl"] = f"{base}/w/index.php?curid={file.pageid}"
    return found
