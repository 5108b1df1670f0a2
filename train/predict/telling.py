"""One run of `train predict`: photos, videos and a camera to a stream of answers, drawn copies and a count."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import cast, get_args

from agegap.progress import track
from dataset.face.reasons import DropReason
from train.model import Model
from train.predict.answers import NoAge, PersonAge, PredictedAge
from train.predict.draw import Copies, copy_name, draw_photo_ages, drawn, years_text
from train.predict.faces import Which
from train.predict.frames import look_at_frames
from train.predict.paths import is_video, photos_of
from train.predict.photos import predict_photos
from train.predict.video import predict_video
from train.predict.writing import FORMS, Answer, Form

_NAMED_AT_ONCE = 3
"""Photos without an age whose reasons fit into one sentence."""


@dataclass(frozen=True)
class Wanted:
    """What is to be looked at and how."""

    paths: tuple[Path, ...]
    camera: int | None = None
    which: Which | None = None
    every: int | None = None
    seconds: float | None = None
    draw: Path | None = None


@dataclass(eq=False)
class Tally:
    """How many photos were looked at, and which gave no age."""

    photos: int = 0
    reasons: Counter[str] = field(default_factory=Counter)
    named: list[str] = field(default_factory=list)

    def add(self, failed: NoAge) -> None:
        """Count a photo without an age."""
        self.reasons[failed.reason] += 1
        if len(self.named) < _NAMED_AT_ONCE:
            self.named.append(f"{failed.image}: {failed.detail}")

    @property
    def sentence(self) -> str:
        """Return what is said of the photos without an age; empty where there are none."""
        count = self.reasons.total()
        if count <= _NAMED_AT_ONCE:
            return "; ".join(self.named)
        reasons = ", ".join(f"{reason} {number}" for reason, number in self.reasons.most_common())
        return f"{count} of {self.photos} photos gave no age ({reasons}), the first {self.named[0]}"


def answers(wanted: Wanted, model: Model, tally: Tally) -> Iterator[Answer]:
    """Yield the answers to the photos, then to each video, then to the camera; counts go into `tally`."""
    copies = Copies(wanted.draw) if wanted.draw is not None else None
    yield from _of_photos(wanted, model, tally, copies)
    for video in (path for path in wanted.paths if path.is_file() and is_video(path)):
        yield from _of_video(video, str(video), wanted, model, tally, copies)
    if wanted.camera is not None:
        yield from _of_video(wanted.camera, f"camera-{wanted.camera}", wanted, model, tally, copies)


def _of_photos(wanted: Wanted, model: Model, tally: Tally, copies: Copies | None) -> Iterator[Answer]:
    photos = photos_of(wanted.paths)
    shown = track(photos, label="photos", unit="photo") if any(path.is_dir() for path in wanted.paths) else photos
    which = wanted.which or "main"
    for found in predict_photos(shown, model, which=which, keep_pixels=copies is not None):
        tally.photos += 1
        if isinstance(found, NoAge):
            tally.add(found)
            yield found
            continue
        yield from found.ages
        if copies is not None and found.pixels is not None:
            copy = draw_photo_ages(found.pixels, found.ages, scale=found.scale)
            copies.save(copy, copy_name(found.path, wanted.paths))


def _of_video(
    source: Path | int, name: str, wanted: Wanted, model: Model, tally: Tally, copies: Copies | None
) -> Iterator[Answer]:
    frames = track(
        look_at_frames(source, every=wanted.every, seconds=wanted.seconds), label=Path(name).name, unit="frame"
    )
    people = predict_video(frames, model, video=name, which=wanted.which or "all", keep_best=copies is not None)
    seen = 0
    for person in people:
        seen += 1
        yield person.said
        if copies is not None and person.best is not None:
            copy = drawn(person.best.pixels, [person.best.box], [years_text(person.said)])
            copies.save(copy, Path(f"{Path(name).name}-person-{person.said.person}.jpg"))
    if not seen:
        nobody = NoAge(name, DropReason.NO_FACE.value, "no face found")
        tally.photos += 1
        tally.add(nobody)
        yield nobody


def form_of(out: Path | None, typed: str | None) -> Form:
    """Return the form of the answers: the one typed, else what the name of the file says, else text."""
    for form in get_args(Form):
        if form == typed:
            return cast(Form, form)
    suffix = out.suffix.lower() if out else ""
    return FORMS.get(suffix, "text")


def split_json(said: Sequence[Answer]) -> dict[str, list[Answer]]:
    """Return the answers as `--json` tells them: ages of photos, people of videos, and what gave none."""
    return {
        "images": [one for one in said if isinstance(one, PredictedAge)],
        "people": [one for one in said if isinstance(one, PersonAge)],
        "failed": [one for one in said if isinstance(one, NoAge)],
    }
