"""`scrapy crawl commons_names` as a user runs it, against the wikis of the photo site, whose truth is known."""

import json
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select

from crawler.photosite.wiki.truth import commons_truth_of, truth_of
from db.models import Photo, PhotoQuery, Query
from tests.crawler.crawling import Workplace, ended
from tests.crawler.wikis import everyone, names, photos_of, served
from tests.db.rows import table


@pytest.mark.slow
def test_every_photo_that_any_road_leads_to_is_stored_once_with_its_file(tmp_path: Path) -> None:
    crowd = photos_of(names(1)[0], 130, first=1000)  # more than two batches
    photos = [*crowd, *everyone(8, 3)]
    place = Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")
    place.write_names(*truth_of(photos))
    with served(photos) as (url, site):
        births = place.start(
            "crawl", "wikidata_births", "-a", f"names={place.names}", "-a", f"api={url}/wikidata/w/api.php"
        )
        assert ended(births).returncode == 0
        site.faults.change({"lag_every": 25, "cut_every": 13, "ratelimited_every": 40, "retry_after_s": 1})
        end = ended(
            place.start("crawl", "commons_names", "-a", f"names={place.names}", "-a", f"api={url}/w/api.php", "--json")
        )
        calls = site.faults.counts
    assert end.returncode == 0, end.stderr
    assert sum(calls[fault] for fault in ("lag", "cut", "ratelimited")) > 0
    photo, query, link = table(Photo), table(Query), table(PhotoQuery)
    catalog = create_engine(place.catalog_url)
    with catalog.connect() as connection:
        rows = connection.execute(select(photo)).all()
        found = {
            kind: set(
                connection.execute(
                    select(photo.c.site_id)
                    .join(link, link.c.photo_id == photo.c.id)
                    .join(query, query.c.id == link.c.query_id)
                    .where(query.c.kind == kind)
                ).scalars()
            )
            for kind in ("search", "depicts", "category")
        }
        refused = connection.execute(select(query.c.kind, query.c.refused)).all()
    catalog.dispose()
    truth = commons_truth_of(photos)
    accepted = {name for name, one in truth_of(photos).items() if one.expected == "accepted"}
    there = {
        "search": {str(page) for one in truth.values() for page in one.phrase},
        "depicts": {str(page) for name in accepted for page in truth[name].depicts},
        "category": {str(page) for one in truth.values() for page in one.category},
    }
    known = {**there, "category": {str(page) for name in accepted for page in truth[name].category}}
    assert {kind: found[kind] - pages for kind, pages in there.items()} == {kind: set() for kind in there}
    missed = [(kind, page) for kind, pages in known.items() for page in pages - found[kind]]
    # What is not stored was refused, and said.
    assert len(missed) <= sum(sum((row.refused or {}).values()) for row in refused)
    assert len(found["search"]) > 100
    assert len(rows) == len({row.site_id for row in rows})
    assert {row.state for row in rows} == {"done"}
    assert all((place.data / row.path).stat().st_size == row.byte_count for row in rows)
    assert all(row.licence and row.file_name and row.page_url for row in rows)
    assert {row.image_size for row in rows} == {"960"}
    assert json.loads(end.stdout)["photos"]["done"] == len(rows)
