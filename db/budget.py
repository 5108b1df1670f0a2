"""How many calls a key may make, kept in the catalog: over restarts and for all workers together.

A ring of `per_hour` slots remembers when each of the last calls went out. The slot that was used longest ago is
used again when it is older than the window, so that no window of that length ever holds more calls than there are
slots, however it lies; a bucket filled up by the clock would allow twice as many at its edge.
"""

import hashlib
from datetime import UTC, datetime
from typing import cast

from sqlalchemy import Connection, Table, func, select, update

from db.models import ApiCall, ApiPace, HostPace
from db.upserts import insert_each, upsert

_call, _pace = cast(Table, ApiCall.__table__), cast(Table, ApiPace.__table__)
_host = cast(Table, HostPace.__table__)

HOUR_S = 3600.0
MARGIN_S = 2.0
"""Seconds by which a call may leave late, or the site's clock differ, without breaking the bound."""


def key_digest(key: str) -> str:
    """Return what the catalog knows a key by; the key cannot be read from it."""
    return hashlib.sha256(f"agegap api key\0{key}".encode()).hexdigest()


def reserve_call(
    connection: Connection,
    digest: str,
    *,
    now: float,
    per_hour: int = 3600,
    interval_s: float,
    window_s: float = HOUR_S,
    margin_s: float = MARGIN_S,
) -> float:
    """Reserve the next permitted moment for one call and return it, in Unix seconds, at or after `now`.

    The caller commits, sleeps until then, and calls; a call that leaves more than `margin_s` late needs a new
    reservation. A reserved call counts as made. Calls are at least `interval_s` apart. Safe from several processes:
    the first statement takes the key's row (on SQLite the writer lock), and the next caller waits for the commit.
    """
    next_at = _take_turn(connection, digest)
    of_key = select(_call.c.slot, _call.c.used_at).where(_call.c.key_digest == digest)
    last_slot = connection.scalar(select(func.max(_call.c.slot)).where(_call.c.key_digest == digest))
    used = 0 if last_slot is None else last_slot + 1
    moment = max(now, next_at)
    if used < per_hour:
        connection.execute(_call.insert().values(key_digest=digest, slot=used, used_at=moment))
    else:
        # With as many slots as calls allowed the two are one; with more (the bound was larger) the call that must
        # leave the window is the `per_hour`-th last one, and the slot to use again still the oldest.
        oldest = connection.execute(of_key.order_by(_call.c.used_at).limit(1)).one()
        binding = oldest
        if used > per_hour:
            binding = connection.execute(of_key.order_by(_call.c.used_at.desc()).limit(1).offset(per_hour - 1)).one()
        moment = max(moment, binding.used_at + window_s + margin_s)
        connection.execute(
            update(_call).where(_call.c.key_digest == digest, _call.c.slot == oldest.slot).values(used_at=moment)
        )
    connection.execute(update(_pace).where(_pace.c.key_digest == digest).values(next_at=moment + interval_s))
    return moment


def _take_turn(connection: Connection, digest: str) -> float:
    """Lock the key's row until the end of the transaction; return when its next call may go out."""
    # An UPDATE even though nothing changes: it is what locks, on SQLite too.
    take = update(_pace).where(_pace.c.key_digest == digest).values(next_at=_pace.c.next_at).returning(_pace.c.next_at)
    next_at: float | None = connection.scalar(take)
    if next_at is None:
        insert_each(connection, _pace, [{"key_digest": digest, "next_at": 0.0}])
        next_at = connection.execute(take).scalar_one()
    return next_at


def host_rate(connection: Connection, host: str) -> float | None:
    """Return the requests a second that `host` was found to bear, or None when nobody found out."""
    rate: float | None = connection.scalar(select(_host.c.rate).where(_host.c.host == host))
    return rate


def save_host_rate(connection: Connection, host: str, rate: float) -> None:
    """Remember the requests a second that `host` bears."""
    row = {"host": host, "rate": rate, "updated_at": datetime.now(UTC)}
    upsert(connection, _host, [row], keys=("host",), update=("rate", "updated_at"))
