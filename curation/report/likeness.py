"""How alike two photos of one person are, by the years between them: from the vectors of `curate verify`."""

from dataclasses import dataclass

import numpy as np
from sqlalchemy import Connection

from curation.report.pair_source import PairSource
from curation.report.settings import ReportSettings
from db.gallery_pairs import PairEnds, judged_by, similarities

_PAIRS_A_GAP = 400  # enough for a tenth of them to be a figure
_SMALL_GAP_PAIRS = 4000  # of each small K: the worst are looked for among them
QUANTILES = (0.1, 0.5, 0.9)


@dataclass(frozen=True)
class Likeness:
    """Quantiles of the cosine of a pair's faces by K, and the pairs of small K that are least alike."""

    embedder: str
    quantiles: dict[int, tuple[float, ...]]  # as QUANTILES
    pairs: int
    unlike: list[tuple[PairEnds, float]]


def measure_likeness(connection: Connection, source: PairSource, settings: ReportSettings) -> Likeness | None:
    """Return how alike pairs are by K; None where nobody has compared faces, or there are no pairs with vectors."""
    embedder = judged_by(connection)
    if embedder is None:
        return None
    quantiles: dict[int, tuple[float, ...]] = {}
    unlike: list[tuple[float, int, int, PairEnds]] = []
    count = 0
    for gap in source.by_gap:
        is_small = gap <= settings.small_gap
        pairs = source.some(connection, gap, limit=_SMALL_GAP_PAIRS if is_small else _PAIRS_A_GAP)
        cosines = similarities(connection, pairs, embedder=embedder)
        known = cosines[~np.isnan(cosines)]
        if not len(known):
            continue
        count += len(known)
        quantiles[gap] = tuple(float(value) for value in np.quantile(known, QUANTILES))
        if is_small:
            found = [
                (float(cosine), pair.younger, pair.older, pair)
                for cosine, pair in zip(cosines, pairs, strict=True)
                if not np.isnan(cosine)
            ]
            unlike = sorted([*unlike, *found], key=lambda item: item[:3])[: settings.worst]
    if not count:
        return None
    return Likeness(embedder, quantiles, count, [(pair, cosine) for cosine, *_, pair in unlike])
