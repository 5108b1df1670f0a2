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


def count_catalog(catalog_url: str) -> dict[str, Any]:
    """Return the figures of the demo's table: photos found, stored and dated at the site, faces of all photos."""
    with connect(catalog_url).connect() as connection:

        def one(statement: str) -> int:
            return int(connection.execute(text(statement)).scalar_one())

        def by_reason(statement: str) -> dict[str, int]:
            return {str(reason): int(count) for reason, count in connection.execute(text(statement))}

        dropped = by_reason(
            "select drop_reason, count(*) from face where status = 'dropped' group by drop_reason order by 2 desc"
        )
        photos_dropped = by_reason(
            "select s.drop_reason, count(*) from face_scan s where s.drop_reason is not null and not exists "
            "(select 1 from face f where f.photo_id = s.photo_id) group by s.drop_reason order by 2 desc"
        )
        return {
            "refused": one("select coalesce(sum(photos_refused), 0) from query"),
            "photos": one("select count(*) from photo where site = 'flickr' and state = 'done'"),
            "dated": one(
                "select count(*) from photo p join taken_year t on t.photo_id = p.id "
                "where p.site = 'flickr' and t.year is not null"
            ),
            "scanned": one("select count(*) from face_scan"),
            "kept": one("select count(*) from face where status = 'kept'"),
            "dropped": photos_dropped | dropped,
        }
