"""Faults are read from flags and files, chance repeats, and the site's own counting is right."""

from pathlib import Path

import numpy as np
import pytest

from agegap.errors import BadInputFile, WrongUse
from crawler.photosite.chance import number_of, share, shares
from crawler.photosite.changes import Changes
from crawler.photosite.faults import Faults, read_faults, with_faults
from crawler.photosite.limits import RollingLimit, TokenBucket


def test_a_flag_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    file = tmp_path / "faults.toml"
    file.write_text('api_503 = 0.25\ntotal = "int"\ncap = false\n', encoding="utf-8")
    faults = read_faults(file, ["api_503=0.5", "image_burst=3"])
    assert (faults.api_503, faults.total, faults.cap, faults.image_burst, faults.api_500) == (0.5, "int", False, 3, 0.0)


@pytest.mark.parametrize(
    ("setting", "sentence"),
    [
        ("api_503", "NAME=VALUE"),
        ("api_530=0.1", "fault 'api_530' is not known"),
        ("api_503=often", "a number, not negative"),
        ("api_503=-1", "a number, not negative"),
        ("image_burst=1.5", "a whole number"),
        ("cap=perhaps", "true or false"),
        ("total=float", "str, int or mixed"),
    ],
)
def test_a_bad_fault_is_refused_with_what_to_write(setting: str, sentence: str) -> None:
    with pytest.raises(WrongUse, match=sentence):
        read_faults(None, [setting])


def test_a_file_that_is_no_toml_is_refused(tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text("api_503: 1", encoding="utf-8")
    with pytest.raises(BadInputFile, match="is not TOML"):
        read_faults(tmp_path / "faults.toml", [])
    with pytest.raises(BadInputFile, match="cannot be read"):
        read_faults(tmp_path / "nowhere.toml", [])


def test_json_values_have_their_own_types() -> None:
    assert with_faults(Faults(), {"cap": False, "api_per_window": 5, "noai": 1}) == Faults(
        cap=False, api_per_window=5, noai=1.0
    )


def test_chance_repeats_and_is_even() -> None:
    drawn = [share(3, "noai", number) for number in range(4000)]
    assert drawn == [share(3, "noai", number) for number in range(4000)]
    assert drawn != [share(4, "noai", number) for number in range(4000)]
    many = shares(np.arange(4000, dtype=np.uint64), 7)
    for draws in (np.array(drawn), many):
        assert 0 <= draws.min() < draws.max() < 1
        # A share of 4,000 draws below 0.25 has a standard deviation of 0.007: five of them.
        assert abs((draws < 0.25).mean() - 0.25) < 0.035


def test_an_id_that_is_a_number_is_that_number() -> None:
    assert number_of("40000000001") == 40_000_000_001
    assert number_of("x1") != number_of("x2")


# --- limits ---


def test_a_rolling_limit_refuses_what_is_beyond_it_and_remembers_the_largest() -> None:
    limit = RollingLimit(most=3, window_s=10)
    assert [limit.enter(moment) for moment in (0, 1, 2, 3, 9.9, 10, 11.5, 30)] == [
        True, True, True, False, False, False, False, True
    ]  # fmt: skip
    assert limit.largest == 5  # at 9.9 and at 10, when the call of 0 has left the window


def test_a_token_bucket_lets_its_rate_through() -> None:
    bucket = TokenBucket(rate=2, burst=3)
    assert [bucket.enter(0) for _ in range(4)] == [True, True, True, False]
    assert [bucket.enter(moment) for moment in (0.25, 0.5, 0.6, 1.0)] == [False, True, False, True]
    assert sum(bucket.enter(100 + step / 100) for step in range(1000)) == 3 + 19  # burst, then two a second


# --- changes ---

NUMBERS = np.arange(40_000_000_000, 40_000_004_000, dtype=np.uint64)


def test_changes_come_with_the_calls_and_stay() -> None:
    changes = Changes(Faults(added=0.1, deleted=0.15, hidden=0.05, relicensed=0.3, change_calls=100))
    fates = [changes.fates(NUMBERS, calls) for calls in range(0, 131, 10)]
    there = [fate.is_there.mean() for fate in fates]
    assert abs(there[0] - 0.9) < 0.03  # those to be added are not there yet
    assert abs(there[-1] - 0.8) < 0.03  # they are, and the deleted are gone
    relicensed = [(fate.licence >= 0).mean() for fate in fates]
    assert relicensed[0] == 0
    assert relicensed == sorted(relicensed)
    assert abs(relicensed[-1] - 0.3) < 0.04
    final = fates[-1]
    assert abs(final.is_deleted.mean() - 0.15) < 0.03
    assert abs(final.is_private.mean() - 0.05) < 0.02
    np.testing.assert_array_equal(fates[10].is_there, final.is_there)  # nothing more after `change_calls`
    assert not (final.is_new & (final.licence >= 0)).any()
    assert (final.licence[final.licence >= 0] == 0).mean() == pytest.approx(0.5, abs=0.06)
    assert set(final.licence[final.licence >= 0].tolist()) == set(range(17))


def test_a_change_is_dated_by_the_sites_clock() -> None:
    changes = Changes(Faults(added=0.5, change_calls=100, clock=1_000_000))
    fates = changes.fates(NUMBERS, 40)
    new = fates.changed_at[fates.is_new]
    assert new.min() > 1_000_000
    assert new.max() <= 1_000_040
    assert (fates.changed_at[~fates.is_new] == 0).all()


def test_a_site_in_good_health_changes_nothing() -> None:
    changes = Changes(Faults())
    assert not changes.are_any
    assert changes.fates(NUMBERS, 10_000).is_there.all()
