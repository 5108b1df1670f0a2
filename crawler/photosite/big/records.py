"""What the owner of a synthetic photo wrote about it, made from the photo's id alone."""

from datetime import datetime, timedelta

from crawler.photosite.records import PhotoRecord

_EPOCH = datetime(1970, 1, 1)
_DAYS_BACK = 15_000  # photos are up to 41 years older than their upload
_GRANULARITIES = (0, 0, 0, 0, 0, 0, 0, 4, 6, 8)
OWNERS_A_NAME = 100
PHOTOS_AN_OWNER = 37  # in a row
_FIRST_OWNER = 10_000_000


def owner_id(name_number: int, place: int) -> str:
    """Return who took photo number `place` of a name."""
    return f"{_FIRST_OWNER + name_number * OWNERS_A_NAME + place // PHOTOS_AN_OWNER % OWNERS_A_NAME}@N01"


def name_number_of_owner(owner: str) -> int | None:
    """Return the name whose photos the owner took, None for a text that is no owner of ours."""
    digits, _, rest = owner.partition("@")
    if rest != "N01" or not (digits.isascii() and digits.isdigit()):
        return None
    return (int(digits) - _FIRST_OWNER) // OWNERS_A_NAME


def record_of(
    photo_id: int, bits: int, *, date_upload: int, licence: int, owner: str, names: tuple[str, ...]
) -> PhotoRecord:
    """Return the record of a photo that shows people of these names, as written; `bits` (64, mixed) decide all else."""
    is_unknown = bits % 10 == 0
    granularity = 0 if is_unknown else _GRANULARITIES[bits // 10 % 10]
    # The site sets an unknown date to the upload time on the owner's clock.
    shift = (bits // 100 % 25 - 12) * 3600 if is_unknown else -(bits // 2500 % _DAYS_BACK) * 86_400
    taken = _EPOCH + timedelta(seconds=date_upload + shift)
    year = taken.year
    written = _taken_text(taken, granularity)
    if not is_unknown and bits // 7 % 500 == 0:
        written, granularity = "0000-01-01 00:00:00", 6  # recorded: a year that is none
    return PhotoRecord(
        file="",
        id=str(photo_id),
        title=f"{' and '.join(names)}, {year}",
        description=f"<b>{names[0]}</b> in {year}. Scan {bits % 9000 + 1000}.",
        tags=(*names, str(year), "portrait", "archive:box=" + str(bits % 50)),
        date_taken=written,
        date_taken_granularity=granularity,
        date_taken_unknown=is_unknown,
        date_upload=date_upload,
        license=str(licence),
        owner=owner,
        ownername="box " + owner.partition("@")[0],
        subject=names[0].replace(" ", "_"),
        taken_year=year,
    )


def _taken_text(taken: datetime, granularity: int) -> str:
    if granularity == 0:
        return taken.isoformat(" ")
    return f"{taken.year}-{taken.month if granularity == 4 else 1:02d}-01 00:00:00"
