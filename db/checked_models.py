"""What is known of faces beyond one photo: who they look like, what is there twice, and what an audit found."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, CheckConstraint, Float, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from db.base import Base
from db.types import RowId, UtcTime


class FaceEmbedding(Base):
    """A face as a point: faces of one person lie close together."""

    __tablename__ = "face_embedding"

    face_id: Mapped[int] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"), primary_key=True)
    embedder: Mapped[str] = mapped_column(String(64), primary_key=True)  # name and version
    vector: Mapped[bytes] = mapped_column(LargeBinary)  # float32, little endian, of length 1


class FaceIdentity(Base):
    """Whether a face looks like the subject it is filed under."""

    __tablename__ = "face_identity"
    __table_args__ = (
        CheckConstraint("verdict in ('match', 'impostor', 'unsure', 'alone')", name="verdict"),
        Index(None, "subject_id"),
    )

    face_id: Mapped[int] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"), primary_key=True)
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    embedder: Mapped[str] = mapped_column(String(64))
    similarity: Mapped[float | None] = mapped_column(Float)  # cosine to the nearest centre of the subject
    cluster: Mapped[int | None] = mapped_column(Integer)  # 0 the subject's largest; null: in none
    verdict: Mapped[str] = mapped_column(String(16))  # match, impostor, unsure, alone
    made_at: Mapped[datetime] = mapped_column(UtcTime)


class IdentityProposal(Base):
    """Two people under one name, or one person under two: for a person to decide."""

    __tablename__ = "identity_proposal"
    __table_args__ = (
        CheckConstraint("kind in ('split', 'merge')", name="kind"),
        CheckConstraint("state in ('open', 'accepted', 'refused')", name="state"),
        Index(None, "subject_id"),
        Index(None, "other_subject_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    kind: Mapped[str] = mapped_column(String(16))
    subject_id: Mapped[int] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    other_subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))  # of a merge
    face_ids: Mapped[list[int]] = mapped_column(JSON)  # of a split: the faces of the other person
    score: Mapped[float] = mapped_column(Float)  # cosine between the two centres
    state: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime] = mapped_column(UtcTime)


class DuplicateFace(Base):
    """A face that shows the same picture as others of its group."""

    __tablename__ = "duplicate_face"
    __table_args__ = (
        CheckConstraint("kind in ('exact', 'near')", name="kind"),
        Index(None, "group_id"),
    )

    face_id: Mapped[int] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"), primary_key=True)
    group_id: Mapped[int] = mapped_column(RowId)  # face id of the one that is kept
    kind: Mapped[str] = mapped_column(String(16))
    distance: Mapped[int] = mapped_column(Integer)  # bits of the perceptual hash that differ from the kept one's


class AuditFinding(Base):
    """Something an audit doubts, with what would mend it; applied fixes can be taken back."""

    __tablename__ = "audit_finding"
    __table_args__ = (
        CheckConstraint("state in ('open', 'applied', 'reverted', 'ignored')", name="state"),
        Index(None, "check_name", "state"),
        Index(None, "subject_id"),
        Index(None, "photo_id"),
        Index(None, "face_id"),
    )

    id: Mapped[int] = mapped_column(RowId, primary_key=True)
    check_name: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[int | None] = mapped_column(ForeignKey("subject.id", ondelete="CASCADE"))
    photo_id: Mapped[int | None] = mapped_column(ForeignKey("photo.id", ondelete="CASCADE"))
    face_id: Mapped[int | None] = mapped_column(ForeignKey("face.id", ondelete="CASCADE"))
    detail: Mapped[dict[str, Any]] = mapped_column(JSON)  # the rows and values that led to it
    fix: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))  # what `apply` changes, old values too
    state: Mapped[str] = mapped_column(String(16), default="open")
    created_at: Mapped[datetime] = mapped_column(UtcTime)
    changed_at: Mapped[datetime | None] = mapped_column(UtcTime)
