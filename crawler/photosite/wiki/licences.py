"""The licences of files on Commons, as extmetadata names them (recorded), and which one a photo of the site has.

Commons takes free licences only: a photo that is not free on Flickr has another, free licence here, except that one
"all rights reserved" stands for the fair-use file that slipped in (`NonFree`).
"""

from dataclasses import dataclass

from crawler.photosite.chance import share
from crawler.photosite.records import PhotoRecord


@dataclass(frozen=True, kw_only=True)
class WikiLicence:
    """What the licence fields of extmetadata say; None where the field is absent."""

    code: str | None
    short_name: str
    url: str | None
    usage_terms: str
    is_copyrighted: bool = True
    needs_attribution: bool = True
    is_non_free: bool = False


_CC = "https://creativecommons.org/licenses"

LICENCES: dict[str, WikiLicence] = {
    "pd": WikiLicence(code="pd", short_name="Public domain", url=None, usage_terms="Public domain",
                      is_copyrighted=False, needs_attribution=False),
    "cc0": WikiLicence(code="cc0", short_name="CC0", url="http://creativecommons.org/publicdomain/zero/1.0/deed.en",
                       usage_terms="Creative Commons Zero, Public Domain Dedication", needs_attribution=False),
    "cc-by-2.0": WikiLicence(code="cc-by-2.0", short_name="CC BY 2.0", url=f"{_CC}/by/2.0",
                             usage_terms="Creative Commons Attribution 2.0"),
    "cc-by-sa-2.0": WikiLicence(code="cc-by-sa-2.0", short_name="CC BY-SA 2.0", url=f"{_CC}/by-sa/2.0",
                                usage_terms="Creative Commons Attribution-Share Alike 2.0"),
    "cc-by-3.0-de": WikiLicence(code="cc-by-3.0-de", short_name="CC BY 3.0 de", url=f"{_CC}/by/3.0/de/deed.en",
                                usage_terms="Creative Commons Attribution 3.0 de"),
    "cc-by-sa-3.0": WikiLicence(code="cc-by-sa-3.0", short_name="CC BY-SA 3.0", url=f"{_CC}/by-sa/3.0",
                                usage_terms="Creative Commons Attribution-Share Alike 3.0"),
    "cc-by-4.0": WikiLicence(code="cc-by-4.0", short_name="CC BY 4.0", url=f"{_CC}/by/4.0",
                             usage_terms="Creative Commons Attribution 4.0"),
    "cc-by-sa-4.0": WikiLicence(code="cc-by-sa-4.0", short_name="CC BY-SA 4.0", url=f"{_CC}/by-sa/4.0",
                                usage_terms="Creative Commons Attribution-Share Alike 4.0"),
    # Flickr Commons: no code at all (recorded)
    "no-restrictions": WikiLicence(code=None, short_name="No restrictions",
                                   url="https://www.flickr.com/commons/usage/",
                                   usage_terms="No known copyright restrictions", needs_attribution=False),
    "fair-use": WikiLicence(code=None, short_name="Fair use", url=None, usage_terms="Fair use", is_non_free=True),
}  # fmt: skip

_OF_FLICKR = {
    "0": ("fair-use",),
    "4": ("cc-by-2.0",),
    "5": ("cc-by-sa-2.0",),
    "7": ("no-restrictions",),
    "8": ("pd",),
    "9": ("cc0",),
    "10": ("pd",),
    "11": ("cc-by-4.0",),
    "12": ("cc-by-sa-4.0",),
}
_OTHERS = ("cc-by-sa-4.0", "cc-by-3.0-de", "cc-by-sa-3.0", "cc-by-4.0", "pd")  # for what Commons would not take


def licence_of(record: PhotoRecord) -> WikiLicence:
    """Return the licence this photo has on Commons."""
    choices = _OF_FLICKR.get(record.license, _OTHERS)
    return LICENCES[choices[int(share(11, record.id, "licence") * len(choices))]]
