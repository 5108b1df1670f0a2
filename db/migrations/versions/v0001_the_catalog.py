"""The catalog: subjects, queries, photos, taken years, faces and pairs."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def row_id() -> sa.types.TypeEngine[int]:
    """Return the type of row numbers: SQLite counts by itself only in a column of the exact type INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Move the catalog on to this revision."""
    op.create_table(
        "pair_set",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("seed", sa.Integer(), nullable=False),
        sa.Column("code_version", sa.String(length=64), nullable=False),
        sa.Column("pair_count", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pair_set"),
        sa.UniqueConstraint("name", name="uq_pair_set_name"),
    )
    op.create_table(
        "photo",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("site_id", sa.String(length=255), nullable=False),
        sa.Column("page_url", sa.Text()),
        sa.Column("image_url", sa.Text()),
        sa.Column("licence", sa.String(length=255)),
        sa.Column("owner_id", sa.String(length=255)),
        sa.Column("owner_name", sa.Text()),
        sa.Column("title", sa.Text()),
        sa.Column("description", sa.Text()),
        sa.Column("tags", sa.Text()),
        sa.Column("machine_tags", sa.Text()),
        sa.Column("file_name", sa.Text()),
        sa.Column("date_taken", sa.Text()),
        sa.Column("date_taken_granularity", sa.Integer()),
        sa.Column("date_taken_unknown", sa.Boolean()),
        sa.Column("uploaded", sa.DateTime(timezone=True)),
        sa.Column("age_label", sa.Float()),
        sa.Column("raw", sa.JSON(none_as_null=True)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("path", sa.Text()),
        sa.Column("sha256", sa.String(length=64)),
        sa.Column("byte_count", sa.BigInteger()),
        sa.Column("width", sa.Integer()),
        sa.Column("height", sa.Integer()),
        sa.Column("found_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('pending', 'leased', 'done', 'gone', 'failed')", name="ck_photo_state"),
        sa.PrimaryKeyConstraint("id", name="pk_photo"),
        sa.UniqueConstraint("site", "site_id", name="uq_photo_site_site_id"),
    )
    op.create_index("ix_photo_sha256", "photo", ["sha256"])
    op.create_index("ix_photo_site_state_id", "photo", ["site", "state", "id"])

    op.create_table(
        "subject",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("name", sa.String(length=255), nullable=False),
        sa.Column("display_name", sa.String(length=255), nullable=False),
        sa.Column("birth_date", sa.String(length=32)),
        sa.Column("birth_precision", sa.String(length=16)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_subject"),
        sa.UniqueConstraint("name", name="uq_subject_name"),
    )
    op.create_table(
        "face",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("photo_id", row_id(), nullable=False),
        sa.Column("subject_id", row_id()),
        sa.Column("detector", sa.String(length=32), nullable=False),
        sa.Column("detection_score", sa.Float(), nullable=False),
        sa.Column("box_x", sa.Float(), nullable=False),
        sa.Column("box_y", sa.Float(), nullable=False),
        sa.Column("box_width", sa.Float(), nullable=False),
        sa.Column("box_height", sa.Float(), nullable=False),
        sa.Column("landmarks", sa.JSON(), nullable=False),
        sa.Column("eye_distance", sa.Float(), nullable=False),
        sa.Column("blur", sa.Float()),
        sa.Column("brightness", sa.Float()),
        sa.Column("is_grey", sa.Boolean()),
        sa.Column("yaw", sa.Float()),
        sa.Column("roll", sa.Float()),
        sa.Column("crop_template", sa.String(length=16)),
        sa.Column("crop_path", sa.Text()),
        sa.Column("crop_sha256", sa.String(length=64)),
        sa.Column("order_key", sa.Integer()),
        sa.Column("perceptual_hash", sa.BigInteger()),
        sa.Column("status", sa.String(length=16), nullable=False),
        sa.Column("drop_reason", sa.String(length=32)),
        sa.Column("age", sa.Float()),
        sa.CheckConstraint("(status = 'kept') = (drop_reason is null)", name="ck_face_drop_reason"),
        sa.CheckConstraint("status in ('kept', 'dropped')", name="ck_face_status"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_face_photo_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_face_subject_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_face"),
    )
    op.create_index("ix_face_drop_reason", "face", ["drop_reason"])
    op.create_index("ix_face_photo_id", "face", ["photo_id"])
    op.create_index("ix_face_subject_id_status", "face", ["subject_id", "status"])

    op.create_table(
        "face_scan",
        sa.Column("photo_id", row_id(), nullable=False),
        sa.Column("recipe", sa.String(length=64), nullable=False),
        sa.Column("face_count", sa.Integer(), nullable=False),
        sa.Column("drop_reason", sa.String(length=32)),
        sa.Column("scanned_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_face_scan_photo_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("photo_id", name="pk_face_scan"),
    )
    op.create_index("ix_face_scan_drop_reason", "face_scan", ["drop_reason"])

    op.create_table(
        "photo_subject",
        sa.Column("photo_id", row_id(), nullable=False),
        sa.Column("subject_id", row_id(), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_photo_subject_photo_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_photo_subject_subject_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("photo_id", "subject_id", name="pk_photo_subject"),
    )
    op.create_index("ix_photo_subject_subject_id_photo_id", "photo_subject", ["subject_id", "photo_id"])

    op.create_table(
        "query",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("site", sa.String(length=32), nullable=False),
        sa.Column("subject_id", row_id(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("next_page", sa.Integer(), nullable=False),
        sa.Column("pages", sa.Integer()),
        sa.Column("total", sa.Integer()),
        sa.Column("photos_seen", sa.Integer(), nullable=False),
        sa.Column("photos_refused", sa.Integer(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("error", sa.Text()),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("state in ('pending', 'leased', 'done', 'gone', 'failed')", name="ck_query_state"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_query_subject_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name="pk_query"),
        sa.UniqueConstraint("site", "subject_id", "text", name="uq_query_site_subject_id_text"),
    )
    op.create_index("ix_query_site_state_id", "query", ["site", "state", "id"])

    op.create_table(
        "taken_year",
        sa.Column("photo_id", row_id(), nullable=False),
        sa.Column("year", sa.Integer()),
        sa.Column("year_min", sa.Integer()),
        sa.Column("year_max", sa.Integer()),
        sa.Column("precision", sa.String(length=16)),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("source", sa.String(length=32)),
        sa.Column("rule", sa.String(length=64)),
        sa.Column("words", sa.Text()),
        sa.Column("reason", sa.Text()),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.CheckConstraint("confidence between 0 and 1", name="ck_taken_year_confidence"),
        sa.CheckConstraint("year between year_min and year_max", name="ck_taken_year_year"),
        sa.CheckConstraint("year_min <= year_max", name="ck_taken_year_interval"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_taken_year_photo_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("photo_id", name="pk_taken_year"),
    )
    op.create_index("ix_taken_year_year", "taken_year", ["year"])

    op.create_table(
        "pair",
        sa.Column("pair_set_id", row_id(), nullable=False),
        sa.Column("younger_face_id", row_id(), nullable=False),
        sa.Column("older_face_id", row_id(), nullable=False),
        sa.Column("subject_id", row_id(), nullable=False),
        sa.Column("gap_years", sa.Integer(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.CheckConstraint("confidence between 0 and 1", name="ck_pair_confidence"),
        sa.CheckConstraint("gap_years >= 0", name="ck_pair_gap_years"),
        sa.CheckConstraint("younger_face_id <> older_face_id", name="ck_pair_two_faces"),
        sa.ForeignKeyConstraint(["older_face_id"], ["face.id"], name="fk_pair_older_face_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["pair_set_id"], ["pair_set.id"], name="fk_pair_pair_set_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["subject_id"], ["subject.id"], name="fk_pair_subject_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["younger_face_id"], ["face.id"], name="fk_pair_younger_face_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("pair_set_id", "younger_face_id", "older_face_id", name="pk_pair"),
    )
    op.create_index("ix_pair_older_face_id", "pair", ["older_face_id"])
    op.create_index("ix_pair_pair_set_id_gap_years", "pair", ["pair_set_id", "gap_years"])
    op.create_index("ix_pair_subject_id", "pair", ["subject_id"])
    op.create_index("ix_pair_younger_face_id", "pair", ["younger_face_id"])

    op.create_table(
        "photo_query",
        sa.Column("photo_id", row_id(), nullable=False),
        sa.Column("query_id", row_id(), nullable=False),
        sa.Column("rank", sa.Integer()),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name="fk_photo_query_photo_id", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["query_id"], ["query.id"], name="fk_photo_query_query_id", ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("photo_id", "query_id", name="pk_photo_query"),
    )
    op.create_index("ix_photo_query_query_id_rank", "photo_query", ["query_id", "rank"])


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("photo_query")
    op.drop_table("pair")
    op.drop_table("taken_year")
    op.drop_table("query")
    op.drop_table("photo_subject")
    op.drop_table("face_scan")
    op.drop_table("face")
    op.drop_table("subject")
    op.drop_table("photo")
    op.drop_table("pair_set")
