"""What a user's settings mean for Commons: the licences that may be stored, and the width of the images."""

from collections.abc import Mapping

from agegap.errors import SettingsError
from crawler.law.commons_licences import facts_of
from crawler.law.presets import LicenceChoice
from crawler.sites.commons.asks import STANDARD_WIDTHS
from crawler.sites.commons.page import JudgeLicence
from crawler.sites.found import Refusal

_WIDTHS_OF_LETTERS: Mapping[str, int] = {"s": 240, "n": 320, "w": 400, "m": 500, "z": 640, "c": 800, "l": 1024}
"""The sizes of a crawl are in Flickr's letters; Commons serves the next standard width."""

_ORIGINAL = ("o", "original")
_COLUMN_LETTERS = 255


def judge_by(choice: LicenceChoice) -> JudgeLicence:
    """Return the judgement that stores what `choice` allows.

    A file that is here by "fair use" is refused whatever its code; one without a code goes by its licence's short
    name, which is all that photos of Flickr's Commons have ("No restrictions").
    """

    def judge(texts: Mapping[str, str]) -> str | Refusal:
        if texts.get("NonFree", "").lower() in ("1", "true", "yes"):
            return Refusal.LICENCE
        code = texts.get("License") or texts.get("LicenseShortName")
        if code is None or len(code) > _COLUMN_LETTERS or facts_of(code) is None:
            return Refusal.UNKNOWN_LICENCE
        return code if choice.allows(code) else Refusal.LICENCE

    return judge


def width_of(sizes: str) -> int | None:
    """Return the standard width for the first of `sizes` (Flickr's letters, pixels, original), None for originals.

    Raises SettingsError.
    """
    first = next((item.strip() for item in sizes.split(",") if item.strip()), "")
    if first in _ORIGINAL:
        return None
    pixels = _WIDTHS_OF_LETTERS.get(first) or (int(first) if first.isascii() and first.isdigit() else 0)
    if not 0 < pixels <= STANDARD_WIDTHS[-1]:
        known = ", ".join([*_WIDTHS_OF_LETTERS, "original", f"or up to {STANDARD_WIDTHS[-1]} pixels"])
        raise SettingsError([f"[crawl] sizes: unknown size '{first}'; known: {known}"])
    return next(width for width in STANDARD_WIDTHS if width >= pixels)
