"""The budget of a key over three hours, by a clock of our own: what no benchmark can wait for."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Engine

from db.budget import HOUR_S, MARGIN_S, key_digest, reserve_call

HOURS = 3
PER_HOUR = 3_600
CALLERS = 4
_KILLED = 0.001
"""Share of reservations whose caller dies before it calls: a kill every quarter of an hour or so."""

_LATENCY_S = (0.3, 1.5)  # of an answer of Flickr's


@dataclass(frozen=True)
class Hours:
    """`largest` calls in any window of an hour, and the share of three hours' budget that was used."""

    largest: int
    used_percent: float


def simulate(catalog: Engine, *, seed: int, interval_s: float) -> Hours:
    """Let four callers that never rest call for three hours, each late by up to half the margin now and then."""
    chance = random.Random(seed)
    digest = key_digest(f"simulated {seed} {interval_s}")
    free_at = [chance.uniform(0, 5) for _ in range(CALLERS)]
    sent: list[float] = []
    end = HOURS * HOUR_S
    # One transaction: that each call commits is for the real processes to prove.
    with catalog.begin() as connection:
        while min(free_at) < end:
            caller = min(range(CALLERS), key=free_at.__getitem__)
            moment = reserve_call(connection, digest, now=free_at[caller], per_hour=PER_HOUR, interval_s=interval_s)
            if chance.random() < _KILLED:
                free_at[caller] = free_at[caller] + 2.0  # its successor's start
                continue
            sent.append(moment + chance.choice([0.0, chance.uniform(0, MARGIN_S / 2)]))
            free_at[caller] = sent[-1] + chance.uniform(*_LATENCY_S)
    made = sum(moment < end for moment in sent)
    return Hours(most_in_a_window(sent, HOUR_S), 100 * made / (HOURS * PER_HOUR))


def most_in_a_window(moments: Sequence[float], window_s: float) -> int:
    """Return the largest count of moments in any window of that length, its first moment included, its end not."""
    ordered = sorted(moments)
    return max(bisect_right(ordered, start + window_s - 1e-9) - place for place, start in enumerate(ordered))
