"""The benchmark of the synthetic site: what it fetches is checked, and the site counted the same."""

import asyncio

import pytest

from agegap.errors import DataFailed
from benchmarks.big_site import big_site, measure


def test_it_fetches_every_image_it_counts_and_finds_a_wrong_one() -> None:
    with big_site(3, 1, 600) as site:
        rows = dict(asyncio.run(measure(site, 30)))
        assert rows["photos of the site"] == site.truth["photos"]
        assert rows["images fetched and compared"] == 30
        stats = site.control("stats")
        assert (stats["calls"], stats["images_served"], stats["photos_served"]) == (rows["answers asked for"], 30, 30)
        assert site.memory_bytes() > 0
        site.control("faults", {"image_cut": 1.0})
        with pytest.raises(Exception, match=r"not the bytes|payload is not completed"):
            asyncio.run(measure(site, 5))


def test_a_site_that_does_not_start_is_told() -> None:
    with pytest.raises(DataFailed, match="did not start"), big_site(3, 9, 600):
        pass
