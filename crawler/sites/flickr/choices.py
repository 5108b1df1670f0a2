"""What a user wants of Flickr, out of the settings' words."""

from collections.abc import Sequence
from dataclasses import dataclass

from agegap.errors import SettingsError, suggest
from crawler.law.presets import licence_ids
from crawler.sites.flickr.words import LICENCES, MAX_PER_PAGE, SITE, SIZE_PRESETS, SIZES


@dataclass(frozen=True)
class FlickrChoices:
    """Licence ids that may be stored, letters of image sizes (best first), results an answer.

    `known` are the licence ids whose meaning is known: less than our table once the site has listed its own.
    """

    licences: frozenset[str]
    sizes: tuple[str, ...] = SIZE_PRESETS["800"]
    per_page: int = MAX_PER_PAGE
    known: frozenset[str] = frozenset(LICENCES)

    @property
    def licence_filter(self) -> str | None:
        """The licences as the site's search takes them; None where no filter is needed: all are wanted."""
        return None if self.licences >= LICENCES.keys() else ",".join(sorted(self.licences, key=int))


def read_choices(*, licences: str, sizes: str, per_page: int = MAX_PER_PAGE) -> FlickrChoices:
    """Return the choices that the settings' words mean; raise SettingsError with every fault."""
    faults: list[str] = []
    ids: frozenset[str] = frozenset()
    letters: tuple[str, ...] = ()
    try:
        ids = licence_ids(SITE, licences)
    except SettingsError as fault:
        faults += fault.faults
    try:
        letters = size_letters(sizes)
    except SettingsError as fault:
        faults += fault.faults
    if faults:
        raise SettingsError(faults)
    return FlickrChoices(ids, letters, per_page)


def size_letters(text: str) -> tuple[str, ...]:
    """Return the letters of image sizes, best first, of `640`, `800`, `1024`, `original` or a list of letters."""
    if text.strip() in SIZE_PRESETS:
        return SIZE_PRESETS[text.strip()]
    items = [item.strip() for item in text.split(",") if item.strip()]
    known: Sequence[str] = (*SIZE_PRESETS, *SIZES)
    faults = [f"[crawl] sizes: unknown size '{item}'; {suggest(item, known)}" for item in items if item not in SIZES]
    if not items:
        faults = [f"[crawl] sizes: none is given; known: {', '.join(known)}"]
    if faults:
        raise SettingsError(faults)
    return tuple(dict.fromkeys(items))
