"""An answer of the search as results with what the reading goes by: their ids and upload seconds."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from crawler.sites.flickr.choices import FlickrChoices
from crawler.sites.flickr.envelope import read_envelope
from crawler.sites.flickr.photo import read_id, read_photo
from crawler.sites.found import FoundPhoto, Refusal, SiteFault
from crawler.sites.loose import to_int, to_seconds


@dataclass(frozen=True)
class Result:
    """One result as the site sent it."""

    record: object
    site_id: str | None
    upload: int | None


@dataclass(frozen=True)
class Results:
    """One answer; `total` is what the site says for what was asked, `is_full` whether it has as many as it could."""

    results: tuple[Result, ...]
    total: int | None
    is_full: bool

    @property
    def ids(self) -> list[str]:
        """The ids, in the site's order."""
        return [result.site_id for result in self.results if result.site_id is not None]

    @property
    def uploads(self) -> list[int]:
        """The upload seconds that are known, in the site's order."""
        return [result.upload for result in self.results if result.upload is not None]


def read_results(body: bytes, *, per_page: int) -> Results | SiteFault:
    """Return the results of an answer to a search that asked for `per_page` of them."""
    answer = read_envelope(body)
    if isinstance(answer, SiteFault):
        return answer
    found = answer.get("photos")
    if not isinstance(found, Mapping) or not isinstance(found.get("photo"), list):
        return SiteFault("transient", "the answer holds no results")
    results = tuple(_result(record) for record in found["photo"])
    said = to_int(found.get("perpage"))
    most = min(per_page, said) if said is not None and said > 0 else per_page
    total = to_int(found.get("total"))
    return Results(results, total if total is None or total >= 0 else None, len(results) >= most)


def _result(record: object) -> Result:
    upload: Any = record.get("dateupload") if isinstance(record, Mapping) else None
    return Result(record, read_id(record), to_seconds(upload))


@dataclass(frozen=True)
class Taken:
    """The results of an answer that count: photos to store, and refusals by reason."""

    photos: tuple[FoundPhoto, ...]
    seen: int
    refused: Mapping[Refusal, int]


def take(results: Collection[Result], choices: FlickrChoices, *, known: Collection[str], rank: int | None) -> Taken:
    """Return what of `results` is new: whose ids are not in `known`, each once; ranks go on from `rank`."""
    photos: list[FoundPhoto] = []
    refused: Counter[Refusal] = Counter()
    met: set[str] = set()
    for result in results:
        if result.site_id is not None and (result.site_id in known or result.site_id in met):
            continue
        place = None if rank is None else rank + len(photos) + refused.total()
        found = read_photo(
            result.record, rank=place, licences=choices.licences, sizes=choices.sizes, known=choices.known
        )
        if isinstance(found, Refusal):
            refused[found] += 1
        else:
            photos.append(found)
        if result.site_id is not None:
            met.add(result.site_id)
    return Taken(tuple(photos), len(photos) + refused.total(), dict(refused))
