"""People as points on a sphere that drift with the years: embeddings for tests that need no net."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from curation.identity.judge import Folder

SIZE = 32
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Crowd:
    """Draws people and their photos; `seed` decides all."""

    seed: int = 0
    drift: float = 0.5
    noise: float = 0.55

    def person(self, number: int) -> Floats:
        """Return where a person stands."""
        return np.random.default_rng([self.seed, 1, number]).normal(size=SIZE)

    def photos(self, number: int, times: Floats, *, take: int = 0) -> Floats:
        """Return unit vectors of a person's photos at `times`; another `take`, other photos of the same times."""
        rng = np.random.default_rng([self.seed, 2, number, take])
        way = np.random.default_rng([self.seed, 3, number]).normal(size=SIZE)
        ageing = np.outer((times - 20.0) / 20.0, way) * self.drift
        points = self.person(number) + ageing + rng.normal(size=(len(times), SIZE)) * self.noise
        shifted = points + 1.5  # as of a real net: all faces have something in common
        return np.asarray(shifted / np.linalg.norm(shifted, axis=1, keepdims=True))

    def folder(self, number: int, *, photos: int = 10, impostors: int = 0) -> tuple[Folder, NDArray[np.bool_]]:
        """Return the folder of a person, with photos of as many others at its end, and which are the person's."""
        rng = np.random.default_rng([self.seed, 4, number])
        times = np.sort(rng.uniform(0, 40, photos))
        strangers = [self.photos(1000 + number * 50 + n, rng.uniform(0, 40, 1)) for n in range(impostors)]
        vectors = np.concatenate([self.photos(number, times), *strangers])
        count = photos + impostors
        base = number * 1000
        folder = Folder(
            subject_id=number,
            face_id=np.arange(base, base + count),
            photo_id=np.arange(base, base + count),
            vectors=vectors,
            time=np.concatenate([times, rng.uniform(0, 40, impostors)]),
        )
        return folder, np.arange(count) < photos
