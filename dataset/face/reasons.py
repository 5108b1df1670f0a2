"""Every reason for which a photo gives no face, or a face is not kept: one closed list, stored and tallied."""

from enum import StrEnum


class DropReason(StrEnum):
    """Why a photo or a face was dropped; the value is what the catalog stores."""

    # The photo could not be looked at.
    MISSING = "missing"  # the catalog knows a file that is not there
    UNREADABLE = "unreadable"  # not an image, or a damaged one
    TRUNCATED = "truncated"  # an image whose end is missing
    TOO_SMALL = "too_small"  # fewer pixels than a face needs
    TOO_LARGE = "too_large"  # more pixels than memory should be spent on
    CRASHED = "crashed"  # reading it killed the process that read it

    # The photo was looked at.
    NO_FACE = "no_face"
    SEVERAL_SUBJECTS = "several_subjects"  # found under several names: nobody knows whom it shows

    # A face was found.
    LOW_SCORE = "low_score"  # the detector doubts that it is a face
    OTHER_FACE = "other_face"  # a second face in the photo
    SMALL_FACE = "small_face"  # too few pixels between the eyes
    BLURRED = "blurred"
    PROFILE = "profile"  # turned away


PHOTO_REASONS = (
    DropReason.MISSING,
    DropReason.UNREADABLE,
    DropReason.TRUNCATED,
    DropReason.TOO_SMALL,
    DropReason.TOO_LARGE,
    DropReason.CRASHED,
    DropReason.NO_FACE,
)
"""Reasons of a photo in which no face was looked at or found."""
