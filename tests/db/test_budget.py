"""The budget of a key: exact over every window, whoever calls, and hardly any of it left unused."""

import random
import time
from bisect import bisect_right
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine, func, select

from db.budget import host_rate, key_digest, reserve_call, save_host_rate
from db.models import ApiCall, ApiPace
from db.session import open_catalog
from tests.db.processes import run_together, start

DIGEST = key_digest("a key")


def _most_in_a_window(moments: list[float], window_s: float) -> int:
    """Return the largest count of moments in any half-open window of that length."""
    moments = sorted(moments)
    return max(bisect_right(moments, start + window_s - 1e-6) - place for place, start in enumerate(moments))


def test_a_digest_is_no_key_and_the_same_for_the_same_key() -> None:
    assert key_digest("a key") == DIGEST != key_digest("another")
    assert "a key" not in DIGEST
    assert len(DIGEST) == 64


def test_calls_are_apart_and_the_bound_holds_back_the_one_too_many(catalog: Engine) -> None:
    def reserve(now: float) -> float:
        with catalog.begin() as connection:
            return reserve_call(connection, DIGEST, now=now, per_hour=3, interval_s=1.0, window_s=60.0, margin_s=2.0)

    assert [reserve(100.0) for _ in range(4)] == [100.0, 101.0, 102.0, 162.0]
    assert reserve(150.0) == 163.0
    assert reserve(500.0) == 500.0
    with catalog.connect() as connection:
        assert connection.scalar(select(func.count()).select_from(ApiCall)) == 3
        assert connection.scalar(select(ApiPace.next_at)) == 501.0


def test_keys_do_not_share_a_budget(catalog: Engine) -> None:
    with catalog.begin() as connection:
        for digest in (DIGEST, key_digest("another")):
            assert reserve_call(connection, digest, now=5.0, per_hour=1, interval_s=9.0) == 5.0


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    per_hour=st.integers(1, 40),
    callers=st.integers(1, 8),
    interval_s=st.sampled_from([0.0, 0.0, 0.3, 2.0]),
    latency_s=st.sampled_from([0.0, 0.2, 3.0]),
)
def test_no_window_holds_more_calls_than_allowed_however_they_come(
    sqlite_catalog: Engine, seed: int, per_hour: int, callers: int, interval_s: float, latency_s: float
) -> None:
    """By a clock of our own; now and then all callers stop for a while, or one dies with its reservation."""
    rng = random.Random(seed)
    digest = key_digest(f"{seed} {per_hour} {callers} {interval_s} {latency_s}")
    free_at = [0.0] * callers
    sent: list[float] = []
    reserved: list[float] = []
    with sqlite_catalog.begin() as connection:
        for _ in range(150):
            caller = min(range(callers), key=free_at.__getitem__)
            now = free_at[caller]
            moment = reserve_call(
                connection, digest, now=now, per_hour=per_hour, interval_s=interval_s, window_s=100.0, margin_s=2.0
            )
            assert moment >= now
            reserved.append(moment)
            if rng.random() < 0.05:
                free_at[caller] = now  # killed while it waited
                continue
            sent.append(moment + rng.uniform(0, 2.0))  # it woke up late, within the margin
            free_at[caller] = sent[-1] + rng.uniform(0, latency_s)
            if rng.random() < 0.02:
                free_at = [when + rng.uniform(0, 150) for when in free_at]
    assert _most_in_a_window(sent, 100.0) <= per_hour
    gaps = [later - earlier for earlier, later in pairwise(reserved)]
    assert min(gaps) >= interval_s - 1e-6


@pytest.mark.parametrize("interval_s", [0.0, 10.0])
def test_nearly_the_whole_budget_is_used_where_there_is_demand(sqlite_catalog: Engine, interval_s: float) -> None:
    """360 an hour and the margin of 2 s, over three hours, by callers that never rest."""
    moments = [0.0]
    with sqlite_catalog.begin() as connection:
        while moments[-1] < 3 * 3600:
            moments.append(reserve_call(connection, DIGEST, now=moments[-1], per_hour=360, interval_s=interval_s))
    moments = moments[1:]
    assert _most_in_a_window(moments, 3600.0) <= 360
    used = sum(moment < 3 * 3600 for moment in moments)
    assert 0.97 * 3 * 360 <= used <= 3 * 360, used


def test_a_smaller_budget_holds_from_the_next_call_on_and_a_larger_one_forgets_nothing(catalog: Engine) -> None:
    moments: list[float] = []

    def reserve(now: float, per_hour: int) -> float:
        with catalog.begin() as connection:
            moments.append(
                reserve_call(
                    connection, DIGEST, now=now, per_hour=per_hour, interval_s=0.0, window_s=100.0, margin_s=0.0
                )
            )
        return moments[-1]

    assert [reserve(float(now), 10) for now in range(10)] == list(range(10))
    assert reserve(50.0, 3) == 107.0  # the third last one was at 7
    assert reserve(50.0, 3) == 108.0
    assert reserve(110.0, 12) == 110.0
    assert _most_in_a_window(moments, 100.0) <= 12


_RESERVE = """
import time
from db.budget import key_digest, reserve_call
for _ in range(15):
    with engine.begin() as connection:
        moment = reserve_call(connection, key_digest("a key"), now=time.time(), per_hour=20, interval_s=0.0,
                              window_s=1.0, margin_s=0.0)
    print(moment)
    time.sleep(max(0.0, moment - time.time()))
"""


def test_processes_on_one_catalog_share_a_budget(catalog_url: str) -> None:
    open_catalog(catalog_url).dispose()
    began = time.time()
    lines = run_together([start(_RESERVE, catalog_url) for _ in range(4)])
    moments = sorted(float(line) for part in lines for line in part)
    assert len(moments) == 60
    assert _most_in_a_window(moments, 1.0) <= 20
    assert moments[0] >= began


def test_the_rate_of_a_host_is_remembered(catalog: Engine) -> None:
    with catalog.begin() as connection:
        assert host_rate(connection, "live.example") is None
        save_host_rate(connection, "live.example", 12.5)
        save_host_rate(connection, "live.example", 6.25)
        save_host_rate(connection, "api.example", 1.0)
        assert (host_rate(connection, "live.example"), host_rate(connection, "api.example")) == (6.25, 1.0)
