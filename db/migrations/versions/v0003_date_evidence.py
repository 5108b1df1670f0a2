"""Every date that was found in a photo's fields, and the answer as EDTF.

Both are empty for photos that were dated before; `scrapy extract-years` reads them again, for its version is a new one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def row_id() -> sa.types.TypeEngine[int]:
    """Return the type of row numbers: SQLite counts by itself only in a column of the exact type INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Move the catalog on to this revision."""
    op.add_column("taken_year", sa.Column("edtf", sa.String(length=64)))
    op.create_table(
        "date_evidence",
        sa.Column("photo_id", row_id(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("source", sa.String(length=32), nullable=False),
        sa.Column("span_start", sa.Integer(), nullable=False),
        sa.Column("span_end", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("rule", sa.String(length=64), nullable=False),
        sa.Column("year_min", sa.Integer(), nullable=False),
        sa.Column("year_max", sa.Integer(), nullable=False),
        sa.Column("precision", sa.String(length=16), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("is_chosen", sa.Boolean(), nullable=False),
        sa.Column("why", sa.Text()),
        sa.Column("version", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_date_evidence_photo_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("photo_id", "place", name=op.f("pk_date_evidence")),
    )


def downgrade() -> None:
    """Take this revision back."""
    op.drop_table("date_evidence")
    op.drop_column("taken_year", "edtf")
