"""Counts and truths read straight from the catalog, by another road than the commands' own tallies."""

from typing import Any

from sqlalchemy import text

from db.session import connect


def score_years(catalog_url: str, taken_years: dict[str, int]) -> dict[str, Any]:
    """Compare the catalog's taken years of the crawled photos with the truth, by the photo's id at the site."""
    with connect(catalog_url).connect() as connection:
        rows = connection.execute(
            text(
                "select p.site_id, t.year, p.state from photo p left join taken_year t on t.photo_id = p.id "
                "where p.site = 'flickr'"
            )
        ).all()
    found = {site_id: year for site_id, year, state in rows if state == "done"}
    right = sum(found.get(site_id) == year for site_id, year in taken_years.items())
    return {
        "photos_at_site": len(taken_years),
        "photos": len(found),
        "dated": sum(year is not None for year in found.values()),
        "right_years": right,
        "right_years_of_photos": round(right / len(taken_years), 4),
    }


def count_faces(catalog_url: str) -> dict[str, int]:
    """Return, by site, how many photos have a kept face."""
    with connect(catalog_url).connect() as connection:
        rows = connection.execute(
            text(
                "select p.site, count(distinct p.id) from photo p join face f on f.photo_id = p.id "
                "where f.status = 'kept' group by p.site"
            )
        ).all()
    return {site: int(count) for site, count in rows}
