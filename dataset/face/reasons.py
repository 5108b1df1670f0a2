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
    SHARED_IMAGE = "shared_image"  # an audit found the picture under two people
    LABEL_REJECTED = "label_rejected"  # a model finds the label implausible
    IMPOSTOR = "impostor"  # somebody else than its subject (`curate verify --apply`)
    DUPLICATE = "duplicate"  # the same picture as a better one (`curate dedupe --apply`)
    TILTED = "tilted"  # turned up or down, or lying
    DARK = "dark"  # too much of the crop is black
    BRIGHT = "bright"  # too much of the crop is white
    HIDDEN = "hidden"  # something is before the face: the detector doubts one of its points
    GREY = "grey"  # without colour, where a recipe wants colour


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

JUDGED_REASONS = (
    DropReason.LOW_SCORE,
    DropReason.OTHER_FACE,
    DropReason.SEVERAL_SUBJECTS,
    DropReason.SMALL_FACE,
    DropReason.BLURRED,
    DropReason.PROFILE,
    DropReason.TILTED,
    DropReason.DARK,
    DropReason.BRIGHT,
    DropReason.HIDDEN,
    DropReason.GREY,
)
"""Reasons that a recipe gives and another recipe takes back; all others are somebody else's, and stay."""
