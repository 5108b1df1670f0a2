"""The ages of the people in a video: faces are followed by overlap, and all looks at one say its age together."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from dataset.face.find import find_faces
from train.model import Model
from train.predict.answers import PersonAge, Shares, told
from train.predict.faces import Box, Which, as_stored, at_input_size, box_of, face_settings, sure_faces
from train.predict.frames import Frame
from train.predict.photos import BATCH
from train.predict.tracks import Seen, follow


@dataclass(frozen=True, eq=False)
class BestLook:
    """The frame in which somebody's face was largest."""

    pixels: NDArray[np.uint8]
    box: Box


@dataclass(frozen=True, eq=False)
class Person:
    """Somebody followed through a video; `best` where it was asked for."""

    said: PersonAge
    best: BestLook | None


@dataclass(eq=False)
class _Track:
    """What is known of one face so far."""

    times: list[float] = field(default_factory=list)
    shares: list[Shares] = field(default_factory=list)
    best: BestLook | None = None


@dataclass(eq=False)
class _Watch:
    """The faces being followed, and the crops that wait for the model."""

    model: Model
    video: str
    keep_best: bool
    tracks: dict[int, _Track] = field(default_factory=dict)
    waiting: list[tuple[int, NDArray[np.uint8]]] = field(default_factory=list)

    def see(self, track: int, frame: Frame, crop: NDArray[np.uint8], box: Box) -> None:
        known = self.tracks.setdefault(track, _Track())
        known.times.append(frame.time_s)
        if self.keep_best and (known.best is None or box[2] * box[3] > known.best.box[2] * known.best.box[3]):
            known.best = BestLook(frame.pixels, box)
        self.waiting.append((track, crop))
        if len(self.waiting) >= BATCH:
            self.answer()

    def answer(self) -> None:
        if not self.waiting:
            return
        crops = as_stored([crop for _, crop in self.waiting])
        shares = self.model.distributions(at_input_size(crops, self.model.input_size))
        for (track, _), row in zip(self.waiting, shares, strict=True):
            self.tracks[track].shares.append(row)
        self.waiting.clear()

    def end(self, ended: Iterable[int]) -> Iterator[Person]:
        self.answer()
        for track in ended:
            known = self.tracks.pop(track)
            yield Person(_person_age(self.video, track, known, self.model.interval_scale), known.best)


def predict_video(
    frames: Iterable[Frame], model: Model, *, video: str, which: Which = "all", keep_best: bool = False
) -> Iterator[Person]:
    """Yield each person of a video as they leave it; memory holds one distribution a look of those still there.

    With `which` "main" only the main face of each frame is followed. `keep_best` keeps the frame of the largest face.
    """
    settings = face_settings(model.crop)
    watch = _Watch(model, video, keep_best)
    alive: tuple[Seen, ...] = ()
    next_track = 1
    for frame in frames:
        found = sure_faces(find_faces(frame.pixels, settings))
        found = found[:1] if which == "main" else found
        boxes = [box_of(face) for face in found]
        now = follow(alive, boxes, frame.time_s, next_track=next_track)
        alive, next_track = now.alive, now.next_track
        for track, face, box in zip(now.tracks, found, boxes, strict=True):
            watch.see(track, frame, face.crop, box)
        if now.ended:
            yield from watch.end(now.ended)
    yield from watch.end(sorted(watch.tracks))


def _person_age(video: str, person: int, track: _Track, scale: float | None) -> PersonAge:
    shares = np.stack(track.shares)
    # Looks at one face err together: the mean keeps their common doubt, which a product would hide.
    (whole,) = told(shares.mean(axis=0, keepdims=True), scale)
    over_time = told(shares, scale)
    return PersonAge(
        video=video,
        person=person,
        age=whole.age,
        low=whole.low,
        high=whole.high,
        from_s=round(track.times[0], 2),
        to_s=round(track.times[-1], 2),
        looks=len(track.times),
        ages=tuple((round(when, 2), years.age) for when, years in zip(track.times, over_time, strict=True)),
    )
