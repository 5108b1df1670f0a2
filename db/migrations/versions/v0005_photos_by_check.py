"""Photos in the order in which `scrapy sync` looks at them: without it each batch sorts the whole site."""

from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the catalog on to this revision."""
    op.create_index("ix_photo_site_checked_at", "photo", ["site", "checked_at", "id"])


def downgrade() -> None:
    """Move the catalog back."""
    op.drop_index("ix_photo_site_checked_at", table_name="photo")
