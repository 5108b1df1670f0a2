"""The frontier of a crawl as rows: queries, their windows, and the steps by which windows are read.

Every function works in the caller's transaction. Whatever the instant of a kill, an answer of a site is in the
catalog with all of its photos or not at all. The images are in `db/image_frontier.py`, workers in `db/workers.py`.
"""

from db.coverage import coverage
from db.wanted_queries import add_queries, refresh_queries
from db.window_queue import (
    count_queries,
    count_windows,
    fail_window,
    lease_windows,
    revive_failed,
)
from db.window_rows import Coverage, NewWindow, StepRows, StoredStep, WantedQuery, Window
from db.window_steps import store_step

__all__ = [
    "Coverage",
    "NewWindow",
    "StepRows",
    "StoredStep",
    "WantedQuery",
    "Window",
    "add_queries",
    "count_queries",
    "count_windows",
    "coverage",
    "fail_window",
    "lease_windows",
    "refresh_queries",
    "revive_failed",
    "store_step",
]
