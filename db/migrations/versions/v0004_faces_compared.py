"""What is known of faces beyond one photo: embeddings, identities, duplicates, findings; more of their quality."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def row_id() -> sa.types.TypeEngine[int]:
    """Return the type of row numbers: SQLite counts by itself only in a column of the exact type INTEGER."""
    return sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Move the catalog on to this revision."""
    op.create_table(
        "identity_proposal",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("subject_id", row_id(), nullable=False),
        sa.Column("other_subject_id", row_id()),
        sa.Column("face_ids", sa.JSON(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("kind in ('split', 'merge')", name=op.f("ck_identity_proposal_kind")),
        sa.CheckConstraint("state in ('open', 'accepted', 'refused')", name=op.f("ck_identity_proposal_state")),
        sa.ForeignKeyConstraint(
            ["other_subject_id"], ["subject.id"], name=op.f("fk_identity_proposal_other_subject_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_identity_proposal_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity_proposal")),
    )
    op.create_index(op.f("ix_identity_proposal_other_subject_id"), "identity_proposal", ["other_subject_id"])
    op.create_index(op.f("ix_identity_proposal_subject_id"), "identity_proposal", ["subject_id"])

    op.create_table(
        "audit_finding",
        sa.Column("id", row_id(), nullable=False),
        sa.Column("check_name", sa.String(length=32), nullable=False),
        sa.Column("subject_id", row_id()),
        sa.Column("photo_id", row_id()),
        sa.Column("face_id", row_id()),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.Column("fix", sa.JSON(none_as_null=True)),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint("state in ('open', 'applied', 'reverted', 'ignored')", name=op.f("ck_audit_finding_state")),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name=op.f("fk_audit_finding_face_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["photo_id"], ["photo.id"], name=op.f("fk_audit_finding_photo_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_audit_finding_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_finding")),
    )
    op.create_index(op.f("ix_audit_finding_check_name_state"), "audit_finding", ["check_name", "state"])
    op.create_index(op.f("ix_audit_finding_face_id"), "audit_finding", ["face_id"])
    op.create_index(op.f("ix_audit_finding_photo_id"), "audit_finding", ["photo_id"])
    op.create_index(op.f("ix_audit_finding_subject_id"), "audit_finding", ["subject_id"])

    op.create_table(
        "duplicate_face",
        sa.Column("face_id", row_id(), nullable=False),
        sa.Column("group_id", row_id(), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("distance", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind in ('exact', 'near')", name=op.f("ck_duplicate_face_kind")),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name=op.f("fk_duplicate_face_face_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("face_id", name=op.f("pk_duplicate_face")),
    )
    op.create_index(op.f("ix_duplicate_face_group_id"), "duplicate_face", ["group_id"])

    op.create_table(
        "face_embedding",
        sa.Column("face_id", row_id(), nullable=False),
        sa.Column("embedder", sa.String(length=64), nullable=False),
        sa.Column("vector", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name=op.f("fk_face_embedding_face_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("face_id", "embedder", name=op.f("pk_face_embedding")),
    )
    op.create_table(
        "face_identity",
        sa.Column("face_id", row_id(), nullable=False),
        sa.Column("subject_id", row_id(), nullable=False),
        sa.Column("embedder", sa.String(length=64), nullable=False),
        sa.Column("similarity", sa.Float()),
        sa.Column("cluster", sa.Integer()),
        sa.Column("verdict", sa.String(length=16), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "verdict in ('match', 'impostor', 'unsure', 'alone')", name=op.f("ck_face_identity_verdict")
        ),
        sa.ForeignKeyConstraint(["face_id"], ["face.id"], name=op.f("fk_face_identity_face_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["subject_id"], ["subject.id"], name=op.f("fk_face_identity_subject_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("face_id", name=op.f("pk_face_identity")),
    )
    op.create_index(op.f("ix_face_identity_subject_id"), "face_identity", ["subject_id"])

    op.create_table(
        "negative_pair",
        sa.Column("pair_set_id", row_id(), nullable=False),
        sa.Column("younger_face_id", row_id(), nullable=False),
        sa.Column("older_face_id", row_id(), nullable=False),
        sa.Column("gap_years", sa.Integer(), nullable=False),
        sa.CheckConstraint("gap_years >= 0", name=op.f("ck_negative_pair_gap_years")),
        sa.ForeignKeyConstraint(
            ["older_face_id"], ["face.id"], name=op.f("fk_negative_pair_older_face_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["pair_set_id"], ["pair_set.id"], name=op.f("fk_negative_pair_pair_set_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["younger_face_id"], ["face.id"], name=op.f("fk_negative_pair_younger_face_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("pair_set_id", "younger_face_id", "older_face_id", name=op.f("pk_negative_pair")),
    )
    op.create_index(op.f("ix_negative_pair_older_face_id"), "negative_pair", ["older_face_id"])
    op.create_index(op.f("ix_negative_pair_younger_face_id"), "negative_pair", ["younger_face_id"])

    op.add_column("face", sa.Column("pitch", sa.Float()))
    op.add_column("face", sa.Column("dark_share", sa.Float()))
    op.add_column("face", sa.Column("bright_share", sa.Float()))
    op.add_column("face", sa.Column("landmark_score", sa.Float()))

    op.add_column("pair", sa.Column("gap_min", sa.Integer()))
    op.add_column("pair", sa.Column("gap_max", sa.Integer()))

    op.add_column("pair_set", sa.Column("storage", sa.String(length=16), nullable=False, server_default="rows"))
    with op.batch_alter_table("pair_set") as table:  # the default is for rows that were there
        table.alter_column("storage", server_default=None)
    op.add_column("pair_set", sa.Column("path", sa.Text()))
    op.add_column("pair_set", sa.Column("counts", sa.JSON(none_as_null=True)))


def downgrade() -> None:
    """Take this revision back."""
    op.drop_column("pair_set", "counts")
    op.drop_column("pair_set", "path")
    op.drop_column("pair_set", "storage")

    op.drop_column("pair", "gap_max")
    op.drop_column("pair", "gap_min")

    op.drop_column("face", "landmark_score")
    op.drop_column("face", "bright_share")
    op.drop_column("face", "dark_share")
    op.drop_column("face", "pitch")

    op.drop_index(op.f("ix_negative_pair_younger_face_id"), "negative_pair")
    op.drop_index(op.f("ix_negative_pair_older_face_id"), "negative_pair")

    op.drop_table("negative_pair")
    op.drop_index(op.f("ix_face_identity_subject_id"), "face_identity")

    op.drop_table("face_identity")
    op.drop_table("face_embedding")
    op.drop_index(op.f("ix_duplicate_face_group_id"), "duplicate_face")

    op.drop_table("duplicate_face")
    op.drop_index(op.f("ix_audit_finding_subject_id"), "audit_finding")
    op.drop_index(op.f("ix_audit_finding_photo_id"), "audit_finding")
    op.drop_index(op.f("ix_audit_finding_face_id"), "audit_finding")
    op.drop_index(op.f("ix_audit_finding_check_name_state"), "audit_finding")

    op.drop_table("audit_finding")
    op.drop_index(op.f("ix_identity_proposal_subject_id"), "identity_proposal")
    op.drop_index(op.f("ix_identity_proposal_other_subject_id"), "identity_proposal")

    op.drop_table("identity_proposal")
