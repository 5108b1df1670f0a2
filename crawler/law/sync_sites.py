"""What a site is asked about photos we have, and what its answer means for them. Pure: bytes in, verdicts out."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from crawler.law.presets import LicenceChoice, choose_licences
from crawler.sites.commons import asks as commons
from crawler.sites.commons.page import extended_texts, image_facts
from crawler.sites.flickr import faults
from crawler.sites.flickr import words as flickr
from crawler.sites.flickr.info import METHOD, PhotoToday, read_info
from crawler.sites.found import Ask, SiteFault
from crawler.sites.mediawiki import COMMON_PARAMETERS, fault_of_status, has_flag, pages_of, read_answer
from db.checks import PhotoToCheck


class SyncSite(Protocol):
    """A site whose photos can be looked up again, `batch` of them a call."""

    site: str
    api_url: str
    key_variable: str | None
    batch: int

    def ask(self, site_ids: Sequence[str], api: str) -> Ask:
        """Return the call that looks the photos up."""

    def read(self, site_ids: Sequence[str], body: bytes, headers: Mapping[str, str]) -> list[PhotoToday] | SiteFault:
        """Return what the answer says; of a photo it says nothing of there is no entry."""

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return what an answer of another HTTP status than 200 means."""


class FlickrSync:
    """Flickr: flickr.photos.getInfo, one photo a call.

    https://www.flickr.com/services/api/flickr.photos.getInfo.html
    """

    site = flickr.SITE
    api_url = flickr.API_URL
    key_variable: str | None = flickr.KEY_VARIABLE
    batch = 1

    def ask(self, site_ids: Sequence[str], api: str) -> Ask:
        """Return the call that looks one photo up."""
        (photo_id,) = site_ids
        params = {"method": METHOD, "format": "json", "nojsoncallback": "1", "photo_id": photo_id}
        return Ask(api, "POST", params, (flickr.KEY_VARIABLE, flickr.KEY_PARAMETER))

    def read(self, site_ids: Sequence[str], body: bytes, headers: Mapping[str, str]) -> list[PhotoToday] | SiteFault:
        """Return what the answer says of the photo."""
        (photo_id,) = site_ids
        found = read_info(body, photo_id)
        return found if isinstance(found, SiteFault) else [found]

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return what an answer of another HTTP status than 200 means."""
        return faults.fault_of_status(status, headers, body)


class CommonsSync:
    """Wikimedia Commons: 50 files a call, by page id, which outlives a renaming.

    https://www.mediawiki.org/wiki/API:Imageinfo
    """

    site = commons.SITE
    api_url = commons.API_URL
    key_variable: str | None = None
    batch = commons.BATCH

    def ask(self, site_ids: Sequence[str], api: str) -> Ask:
        """Return the call that looks up to 50 files up."""
        params = {
            **COMMON_PARAMETERS,
            "action": "query",
            "pageids": "|".join(site_ids),
            "prop": "imageinfo",
            "iiprop": "extmetadata",
            "iiextmetadatafilter": "License|LicenseShortName|NonFree",
        }
        return Ask(api, "GET", params, None)

    def read(self, site_ids: Sequence[str], body: bytes, headers: Mapping[str, str]) -> list[PhotoToday] | SiteFault:
        """Return what the answer says of the files; a file whose facts are still to come has no entry."""
        answer = read_answer(body, headers)
        if isinstance(answer, SiteFault):
            return answer
        wanted = set(site_ids)
        today = []
        for page in pages_of(answer):
            site_id = str(page.get("pageid", ""))
            if site_id not in wanted:
                continue
            if has_flag(page, "missing"):
                today.append(PhotoToday(site_id, is_gone=True, reason="deleted"))
            elif (facts := image_facts(page)) is not None:
                texts = extended_texts(facts)
                is_free = texts.get("NonFree", "").lower() not in ("1", "true", "yes")
                licence = texts.get("License") or texts.get("LicenseShortName")
                today.append(PhotoToday(site_id, licence=licence, may_download=is_free))
            elif page.get("imageinfo"):
                today.append(PhotoToday(site_id, is_gone=True, reason="its file was deleted or hidden"))
        return today

    def fault_of_status(self, status: int, headers: Mapping[str, str], body: bytes) -> SiteFault:
        """Return what an answer of another HTTP status than 200 means."""
        return fault_of_status(status, headers, body)


SYNC_SITES: Mapping[str, Callable[[], SyncSite]] = {"flickr": FlickrSync, "commons": CommonsSync}
"""The sites that can be synced."""


@dataclass(frozen=True)
class Removed:
    """Why a photo goes: `why` is one of few words for the tally, `reason` what the tombstone says."""

    why: str
    reason: str


def judge(before: PhotoToCheck, today: PhotoToday, allowed: LicenceChoice) -> Removed | None:
    """Return why a photo goes, None where it stays.

    A licence that is as it was stays, whatever this run allows: an earlier crawl chose it.
    """
    if today.is_gone:
        return Removed("gone", "sync: gone from the site, or private")
    if today.is_public is False:
        return Removed("private", "sync: private now")
    if today.may_download is False:
        return Removed("no_download", "sync: its owner allows no download")
    if today.licence is None or today.licence == before.licence or allowed.allows(today.licence):
        return None
    return Removed("licence", f"sync: licence {before.licence or 'unknown'} became {today.licence}")


def allowed_at(site: str, licences: str) -> LicenceChoice:
    """Return the licences that may be kept at a site; raise SettingsError."""
    return choose_licences(site, licences)
