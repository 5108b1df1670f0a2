"""Searches by windows, workers with leases, budgets, licences, tombstones, homonyms and ages.

A query of revision 0001 knew its next page. It gets one window: a done query a done one; any other a window from
its start, because pages cannot be turned into a place in time. The photos it stored stay and stay counted (a result
counts once a query); the refused ones are counted again. A done query that met the site's cap of 4,000 results is
opened again.

SQLite adds a foreign key only by writing the table anew, so `photo` is copied there, once; all else is in place.
"""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_INT, _TEXT, _TIME = sa.Integer(), sa.Text(), sa.DateTime(timezone=True)

SUBJECT_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("birth_calendar", sa.String(length=16)),
    sa.Column("birth_year_min", _INT),
    sa.Column("birth_year_max", _INT),
    sa.Column("death_date", sa.String(length=32)),
    sa.Column("death_precision", sa.String(length=16)),
    sa.Column("death_calendar", sa.String(length=16)),
    sa.Column("death_year_min", _INT),
    sa.Column("death_year_max", _INT),
    sa.Column("wikidata_id", sa.String(length=32)),
    sa.Column("commons_category", _TEXT),
)
PHOTO_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("licence_at", _TIME),
    sa.Column("image_size", sa.String(length=16)),
    sa.Column("date_text", _TEXT),
    sa.Column("exif_taken", _TEXT),
    sa.Column("next_try", _TIME),
    sa.Column("checked_at", _TIME),
)
PHOTO_REFERENCES = {"leased_by": "crawl_worker", "duplicate_of": "photo"}
QUERY_COLUMNS: tuple[sa.Column[Any], ...] = (
    sa.Column("kind", sa.String(length=32), server_default="phrase", nullable=False),
    sa.Column("refused", sa.JSON()),
    sa.Column("asked_by", sa.String(length=64)),
)

AGES = """
create view photo_age as
select photo_id, subject_id,
       case when first_year > birth_year_max then first_year - birth_year_max - 1 else 0 end as age_min,
       last_year - birth_year_min as age_max
from (
    select link.photo_id, link.subject_id, subject.birth_year_min, subject.birth_year_max,
           coalesce(taken.year_min, taken.year) as first_year, coalesce(taken.year_max, taken.year) as last_year
    from photo_subject as link
    join subject on subject.id = link.subject_id
    join taken_year as taken on taken.photo_id = link.photo_id
) as known
where last_year >= birth_year_min and first_year is not null and birth_year_max is not null
"""

WINDOW_OF_EACH_QUERY = """
insert into search_window
    (site, query_id, sort, steps, total, photos_seen, photos_refused, photos_unreachable, state, attempts, updated_at)
select site, id, 'date-posted-asc', 0, case when state in ('done', 'gone') then total end,
       photos_seen, photos_refused, 0,
       case when state in ('done', 'gone') then 'done' else 'pending' end, 0, updated_at
from query order by id
"""


def row_id() -> sa.types.TypeEngine[int]:
    """Return the type of row numbers: SQLite counts by itself only in a column of the exact type INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Move the catalog on to this revision."""
    _create_workers_and_budgets()
    _create_records()
    _create_windows()
    for table, columns in (("subject", SUBJECT_COLUMNS), ("query", QUERY_COLUMNS)):
        for column in columns:
            op.add_column(table, column)
    with op.batch_alter_table("photo") as photo:
        for column in PHOTO_COLUMNS:
            photo.add_column(column)
        for name, target in PHOTO_REFERENCES.items():
            photo.add_column(sa.Column(name, row_id()))
            photo.create_foreign_key(f"fk_photo_{name}", target, [name], ["id"], ondelete="SET NULL")
    for name in PHOTO_REFERENCES:
        only_set = sa.text(f"{name} is not null")
        op.create_index(f"ix_photo_{name}", "photo", [name], sqlite_where=only_set, postgresql_where=only_set)
    op.execute("update photo set state = 'pending' where state = 'leased'")
    op.execute("update query set state = 'pending' where total > 4000 and photos_seen < total")
    op.execute(
        "update query set state = 'pending', photos_refused = 0, attempts = 0, error = null, photos_seen = "
        "(select count(*) from photo_query where photo_query.query_id = query.id) "
        "where state not in ('done', 'gone')"
    )
    op.execute(WINDOW_OF_EACH_QUERY)
    op.drop_column("query", "next_page")
    op.drop_column("query", "pages")
    op.execute(AGES)


def downgrade() -> None:
    """Take this revision back; queries that are not done start again at their first page."""
    op.execute("drop view photo_age")
    op.execute("update photo set state = 'pending' where state = 'leased'")
    op.execute("update query set photos_seen = 0, photos_refused = 0 where state not in ('done', 'gone')")
    op.add_column("query", sa.Column("next_page", _INT, server_default="1", nullable=False))
    op.add_column("query", sa.Column("pages", _INT))
    if op.get_context().dialect.name != "sqlite":  # where 0001 has no default; SQLite cannot take one back
        op.alter_column("query", "next_page", server_default=None)
    for name in PHOTO_REFERENCES:
        op.drop_index(f"ix_photo_{name}", "photo")
    with op.batch_alter_table("photo") as photo:
        for name in PHOTO_REFERENCES:
            photo.drop_constraint(f"fk_photo_{name}", type_="foreignkey")
            photo.drop_column(name)
        for column in PHOTO_COLUMNS:
            photo.drop_column(column.name)
    for table, columns in (("query", QUERY_COLUMNS), ("subject", SUBJECT_COLUMNS)):
        for column in columns:
            op.drop_column(table, column.name)
    for table in (
        *("search_window", "subject_candidate", "crawl_worker", "api_call", "api_pace", "host_pace"),
        *("licence", "tombstone", "dataset_export"),
    ):
        op.drop_table(table)


def _create_workers_and_budgets() -> None:
    op.create_table(
        "crawl_worker",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("born", sa.Float(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id", name="pk_crawl_worker"),
    )
    op.create_table(
        "api_call",
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False),
        sa.Column("used_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", "slot", name="pk_api_call"),
    )
    op.create_index("ix_api_call_key_digest_used_at", "api_call", ["key_digest", "used_at"])
    op.create_table(
        "api_pace",
        sa.Column("key_digest", sa.String(length=64), nullable=False),
        sa.Column("next_at", sa.Float(), nullable=False),
        sa.PrimaryKeyConstraint("key_digest", name="pk_api_pace"),
    )
    op.create_table(
        "host_pace",
        sa.Column("host", sa.String(length=255), nullable=False),
        sa.Column("rate", sa.Float(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("host", name="pk_host_pace"),
    )


def _create_records() -> None:
    op.create_table(
        "licence",
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("licence_id", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("url", sa.Text()),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("site", "licence_id", name="pk_licence"),
    )
    op.create_table(
        "tombstone",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('photo', 'owner', 'subject', 'url', 'sha256')", name=op.f("ck_tombstone_kind")),
        sa.PrimaryKeyConstraint("id", name="pk_tombstone"),
        sa.UniqueConstraint("kind", "digest", name="uq_tombstone_kind_digest"),
    )
    op.create_table(
        "dataset_export",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("manifest_sha256", sa.String(length=64), nullable=False),
        sa.Column("face_count", sa.Integer(), nullable=False),
        sa.Column("is_stale", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_dataset_export"),
        sa.UniqueConstraint("path", name="uq_dataset_export_path"),
    )
    op.create_table(
        "subject_candidate",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("subject_id", row_id(), nullable=False),
        sa.Column("entity_id", sa.String(length=32), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("label", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("facts", sa.JSON()),
        sa.Column("birth_date", sa.String(length=32)),
        sa.Column("birth_precision", sa.String(length=16)),
        sa.Column("birth_calendar", sa.String(length=16)),
        sa.Column("birth_year_min", sa.Integer()),
        sa.Column("birth_year_max", sa.Integer()),
        sa.Column("death_date", sa.String(length=32)),
        sa.Column("death_precision", sa.String(length=16)),
        sa.Column("death_calendar", sa.String(length=16)),
        sa.Column("death_year_min", sa.Integer()),
        sa.Column("death_year_max", sa.Integer()),
        sa.Column("sitelinks", sa.Integer(), nullable=False),
        sa.Column("is_accepted", sa.Boolean(), nullable=False),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name="fk_subject_candidate_subject_id", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_subject_candidate"),
        sa.UniqueConstraint("subject_id", "entity_id", name="uq_subject_candidate_subject_id_entity_id"),
    )


def _create_windows() -> None:
    op.create_table(
        "search_window",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("query_id", row_id(), nullable=False),
        sa.Column("parent_id", row_id()),
        sa.Column("licences", sa.Text()),
        sa.Column("min_upload", sa.BigInteger()),
        sa.Column("max_upload", sa.BigInteger()),
        sa.Column("sort", sa.String(length=32), nullable=False),
        sa.Column("cursor", sa.JSON()),
        sa.Column("steps", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer()),
        sa.Column("photos_seen", sa.Integer(), nullable=False),
        sa.Column("photos_refused", sa.Integer(), nullable=False),
        sa.Column("photos_unreachable", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("leased_by", row_id()),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True)),
        sa.Column("error", sa.Text()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('pending', 'leased', 'done', 'failed')", name=op.f("ck_search_window_state")),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name="fk_search_window_query_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["parent_id"], ["search_window.id"], name="fk_search_window_parent_id", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["leased_by"], ["crawl_worker.id"], name="fk_search_window_leased_by", ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_search_window"),
    )
    for columns in (["site", "state", "id"], ["query_id"], ["parent_id"], ["leased_by"]):
        op.create_index(f"ix_search_window_{'_'.join(columns)}", "search_window", columns)
