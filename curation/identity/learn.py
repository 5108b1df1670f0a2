"""Learning the space of a catalog and the beliefs in its faces by turns, each subject judged in a space without it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from curation.identity.judge import Folder, Judged, first_belief, judge
from curation.identity.settings import IdentitySettings
from curation.identity.space import Floats, Space, fit_space

FOLDS = 5
ROUNDS = 5
COHORT = 2_000
"""Faces of other subjects that stand for everybody: enough that each face has rivals like itself among them."""
HELD_COHORTS = 100
"""Folders whose rivals are held between the rounds: 2 MB each."""
LEAST_COHORT = 50
LEAST_SUBJECTS = 5
"""With fewer other subjects, or fewer faces of theirs, nobody can say how alike two strangers are."""


@dataclass(frozen=True, eq=False)
class Cohort:
    """Faces of many subjects; of any one subject's rivals its own faces and photos are not."""

    vectors: Floats
    subject_id: Floats
    photo_id: Floats

    def without(self, folder: Folder) -> Floats:
        """Return the vectors of the others."""
        is_own = (self.subject_id == folder.subject_id) | np.isin(self.photo_id, folder.photo_id)
        # A copy under another name would be everybody's best rival: it is the very face that is asked about.
        is_copy = (self.vectors @ folder.vectors.T).max(axis=1) > 1 - 1e-6 if len(folder) else np.zeros_like(is_own)
        return np.asarray(self.vectors[~(is_own | is_copy)])


@dataclass(frozen=True, eq=False)
class Learned:
    """What a catalog taught: the space of all subjects, one space a fold, and what was believed of each folder."""

    space: Space
    folds: tuple[Space, ...]
    cohort: Cohort
    judged: tuple[Judged, ...]
    """In the order of the folders learned from."""

    def without_subject(self, subject_id: int) -> "Learned":
        """Return the same with no face of this subject among the rivals."""
        keep = self.cohort.subject_id != subject_id
        cohort = Cohort(self.cohort.vectors[keep], self.cohort.subject_id[keep], self.cohort.photo_id[keep])
        return replace(self, cohort=cohort)

    def judge_other(self, folder: Folder, settings: IdentitySettings) -> Judged:
        """Judge a folder that was not learned from."""
        cohort = self.cohort.without(folder)
        judged = judge(
            folder, first_belief(folder, self.space.mean), space=self.space, cohort=cohort, settings=settings
        )
        for _ in range(ROUNDS):
            judged = judge(folder, judged.belief, space=self.space, cohort=cohort, settings=settings)
        return judged


def pick_cohort(folders: Sequence[Folder], *, seed: int = 0) -> Cohort:
    """Return up to COHORT faces of all the folders, each as likely as the others; the same for the same folders."""
    vectors = np.concatenate([folder.vectors for folder in folders])
    subjects = np.concatenate([np.full(len(folder), folder.subject_id) for folder in folders])
    photos = np.concatenate([folder.photo_id for folder in folders])
    rows = np.sort(np.random.default_rng(seed).permutation(len(vectors))[:COHORT])
    return Cohort(vectors[rows], subjects[rows], photos[rows])


def can_learn(folders: Sequence[Folder]) -> bool:
    """Return whether there are enough subjects and faces to know how alike strangers are."""
    return len(folders) > LEAST_SUBJECTS and sum(map(len, folders)) > LEAST_COHORT


def learn(folders: Sequence[Folder], settings: IdentitySettings) -> Learned:
    """Judge all `folders` (each of two faces or more) and learn the space they are judged in."""
    cohort = pick_cohort(folders)
    mean_face = np.concatenate([folder.vectors for folder in folders]).mean(axis=0)
    beliefs = [first_belief(folder, mean_face) for folder in folders]
    judged: list[Judged | None] = [None] * len(folders)
    folds: list[Space] = []
    cohorts = [cohort.without(folder) for folder in folders] if len(folders) <= HELD_COHORTS else None
    for _ in range(ROUNDS):
        folds = [_fit_without(fold, folders, beliefs, settings) for fold in range(FOLDS)]
        for number, folder in enumerate(folders):
            judged[number] = judge(
                folder,
                beliefs[number],
                space=folds[number % FOLDS],
                cohort=cohorts[number] if cohorts else cohort.without(folder),
                settings=settings,
            )
        beliefs = [result.belief for result in judged if result is not None]
    space = fit_space([folder.vectors for folder in folders], beliefs, prior_faces=settings.prior_faces)
    return Learned(space, tuple(folds), cohort, tuple(result for result in judged if result is not None))


def _fit_without(fold: int, folders: Sequence[Folder], beliefs: Sequence[Floats], settings: IdentitySettings) -> Space:
    rest = [number for number in range(len(folders)) if number % FOLDS != fold]
    return fit_space(
        [folders[number].vectors for number in rest],
        [beliefs[number] for number in rest],
        prior_faces=settings.prior_faces,
    )
