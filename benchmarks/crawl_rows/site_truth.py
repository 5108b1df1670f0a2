"""What a synthetic site has, straight from its arithmetic: nothing here was counted by a crawl or by a search."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from crawler.photosite.big import BigPhotos, Plan

RESERVED = 0
"""The licence that a crawl may not store unless it is asked for by name."""


@dataclass(frozen=True)
class Truth:
    """The site of a plan; a photo is `allowed` when its licence is an open one."""

    site: BigPhotos

    def allowed_ids(self) -> set[str]:
        """Return the photos a crawl of all names has to end with."""
        return {photo_id for _, photo_id in self.allowed_pairs()}

    def allowed_pairs(self) -> Iterator[tuple[str, str]]:
        """Yield each name with each allowed photo that it finds."""
        for number, name in enumerate(self.site.names):
            found = self.site.found_by(number)
            for photo_id in found.photo_id[found.licence != RESERVED].tolist():
                yield name, str(photo_id)

    def least_calls(self, per_page: int) -> int:
        """Return the least searches that bring all allowed photos of all names."""
        calls = 0
        for number in range(len(self.site.names)):
            found = self.site.found_by(number)
            calls += max(1, math.ceil(int((found.licence != RESERVED).sum()) / per_page))
        return calls


def truth_of(names: int, large: int, each: int) -> Truth:
    """Return the truth of the site that `big_site(names, large, each)` serves."""
    return Truth(BigPhotos(Plan(names, large, each)))
