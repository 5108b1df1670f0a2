"""`curate takedown`: what somebody wants gone goes from catalog, files, pairs and exports, and does not come back.

The order lets a kill at any instant be completed by the same command: tombstones first, so that nothing comes back;
then exports and files, which the rows lead to; the rows last. What a tombstone says is a digest, nothing readable.
"""

import contextlib
import itertools
import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import CatalogFailed, DataFailed
from agegap.removed_files import remove_files
from curation.export_sweep import SweptFolder, sweep_exports
from curation.face_paths import FOLDER
from curation.pairing.removed import drop_gone_pairs
from curation.takedown_wanted import Wanted, meaning_of, photos_of_each
from db.dataset_exports import mark_stale, recorded_exports
from db.pair_recount import renew_fingerprints
from db.removal import (
    DeletedRows,
    DoomedPhoto,
    Removal,
    delete_photos,
    delete_subject,
    find_copies,
    load_doomed,
    paths_in_use,
    spellings,
)
from db.tombstones import bury
from db.wipe import wipe_deleted

BATCH = 500
"""Photos whose rows go in one transaction."""

REPORT_NOTE = "holds pictures as they were: write it again with `curate report`"

log = logging.getLogger(__name__)


@dataclass
class Done:
    """What a takedown came to."""

    rows: DeletedRows = field(default_factory=DeletedRows)
    subjects: int = 0
    copies: int = 0
    files: int = 0
    outside: tuple[str, ...] = ()
    exports: dict[str, SweptFolder] = field(default_factory=dict)
    not_found: tuple[str, ...] = ()
    is_wiped: bool | None = False


def take_down(
    engine: Engine, removals: Sequence[Removal], *, data: Path, reason: str, folders: Sequence[Path] = ()
) -> dict[str, Any]:
    """Remove what `removals` ask for, and every copy of its content, for good; return what went.

    Without removals the dataset folders alone are swept, `folders` besides the recorded ones. Raises DataFailed at the
    end when a dataset folder could not be read, WrongUse when `curate faces` is at work.
    """
    done = Done()
    with _faces_at_rest(data):
        wanted = _bury_asked(engine, removals, reason)
        _sweep(engine, done, folders)
        while photos := _find(engine, wanted, done):
            _bury_found(engine, photos, reason)
            _sweep(engine, done, folders)
            _remove_files(engine, photos, data, done)
            _delete_rows(engine, photos, done)
        _delete_subjects(engine, wanted, done)
        _rewrite_pair_files(engine, data, done)
        _renew_fingerprints(engine)
        done.is_wiped = _wipe(engine)
    unreadable = [swept for swept in done.exports.values() if swept.state == "unreadable"]
    if unreadable:
        raise DataFailed(f"all is removed but what this folder holds: {unreadable[0].note}")
    return _result(done, reports=_reports_near(data, done.exports))


def plan_takedown(engine: Engine, removals: Sequence[Removal], *, data: Path) -> dict[str, Any]:
    """Return what a takedown would remove; change nothing."""
    with engine.connect() as connection:
        named = photos_of_each(connection, {removal: tuple(meaning_of(connection, removal)) for removal in removals})
        ids: set[int] = set().union(*named.values())
        copies = find_copies(connection, ids)
        crops = sum(len(photo.crop_paths) for photo in load_doomed(connection, ids | copies))
        exports = [export.path for export in recorded_exports(connection)]
    return {
        "dry_run": True,
        "photos": len(ids | copies),
        "copies_among_them": len(copies),
        "face_crops": crops,
        "exports_to_look_through": exports,
        "reports_to_write_again": _reports_near(data, exports),
        "not_in_catalog": [str(removal) for removal, found in named.items() if not found],
    }


# -- steps, in the order they are taken -----------------------------------------------------------------------------


def _bury_asked(engine: Engine, removals: Sequence[Removal], reason: str) -> Wanted:
    """Bury the things asked for themselves; return them with the photos that addresses speak of."""
    with engine.begin() as connection:
        wanted = {removal: tuple(meaning_of(connection, removal)) for removal in removals}
        for removal in itertools.chain.from_iterable(wanted.values()):
            values = spellings(removal.value) if removal.kind == "url" else [removal.value]
            bury(connection, removal.kind, removal.site, values, reason=reason)
        if wanted:
            mark_stale(connection)
    return wanted


def _find(engine: Engine, wanted: Wanted, done: Done) -> list[DoomedPhoto]:
    """Return the photos to remove, copies first: what was named leads to its copies as long as it is there."""
    with engine.connect() as connection:
        named = photos_of_each(connection, wanted)
        ids: set[int] = set().union(*named.values())
        copies = find_copies(connection, ids)
        if not done.rows.photos:
            done.not_found = tuple(str(removal) for removal, found in named.items() if not found)
        done.copies += len(copies)
        return [*load_doomed(connection, copies), *load_doomed(connection, ids)]


def _bury_found(engine: Engine, photos: Sequence[DoomedPhoto], reason: str) -> None:
    by_site: dict[str, list[str]] = {}
    for photo in photos:
        by_site.setdefault(photo.site, []).append(photo.site_id)
    with engine.begin() as connection:
        for site, site_ids in by_site.items():
            bury(connection, "photo", site, site_ids, reason=reason)
        bury(connection, "sha256", None, {photo.sha256 for photo in photos if photo.sha256}, reason=reason)


def _sweep(engine: Engine, done: Done, folders: Sequence[Path]) -> None:
    for swept in sweep_exports(engine, folders):
        before = done.exports.get(swept.folder)
        if before is None or swept.state not in ("clean", "missing"):
            done.exports[swept.folder] = swept


def _remove_files(engine: Engine, photos: Sequence[DoomedPhoto], data: Path, done: Done) -> None:
    with engine.connect() as connection:
        kept = paths_in_use(connection, photos)
    paths = {photo.path for photo in photos if photo.path is not None} - kept
    removed = remove_files(data, paths | {path for photo in photos for path in photo.crop_paths})
    done.files += removed.count
    done.outside = tuple(dict.fromkeys([*done.outside, *removed.outside]))


def _delete_rows(engine: Engine, photos: Sequence[DoomedPhoto], done: Done) -> None:
    for start in range(0, len(photos), BATCH):
        with engine.begin() as connection:
            deleted = delete_photos(connection, [photo.id for photo in photos[start : start + BATCH]])
        done.rows = done.rows + deleted


def _delete_subjects(engine: Engine, wanted: Wanted, done: Done) -> None:
    for removal in wanted:
        if removal.kind == "subject":
            with engine.begin() as connection:
                done.subjects += delete_subject(connection, removal.value)


def _rewrite_pair_files(engine: Engine, data: Path, done: Done) -> None:
    done.rows = done.rows + DeletedRows(pairs=drop_gone_pairs(engine, data=data))


def _renew_fingerprints(engine: Engine) -> None:
    with engine.begin() as connection:
        renew_fingerprints(connection)


def _wipe(engine: Engine) -> bool | None:
    try:
        return wipe_deleted(engine)
    except CatalogFailed as fault:
        log.warning("%s", fault)
        return False


# -- what goes into them --------------------------------------------------------------------------------------------


@contextlib.contextmanager
def _faces_at_rest(data: Path) -> Iterator[None]:
    """Hold the lock of `curate faces`, which writes crops of photos it read before."""
    if not (data / FOLDER).is_dir():
        yield
        return
    from curation.faces import only_one  # OpenCV, which a catalog without faces need not load

    with only_one(data / FOLDER):
        yield


def _reports_near(data: Path, exports: Iterable[str]) -> list[str]:
    """Return the reports beside the data and the exports: they hold copies of crops and are recorded nowhere."""
    from curation.report import is_report

    places = dict.fromkeys([Path.cwd(), data.absolute().parent, *(Path(path).parent for path in exports)])
    folders = {folder for place in places if place.is_dir() for folder in place.iterdir() if folder.is_dir()}
    return [f"{folder}: {REPORT_NOTE}" for folder in sorted(folders) if is_report(folder)]


def _result(done: Done, *, reports: list[str]) -> dict[str, Any]:
    return {
        "photos": done.rows.photos,
        "copies_among_them": done.copies,
        "faces": done.rows.faces,
        "pairs": done.rows.pairs,
        "subjects": done.subjects,
        "files": done.files,
        "files_outside_the_data_folder_left": list(done.outside),
        "exports": {folder: swept.result() for folder, swept in done.exports.items()},
        "reports_to_write_again": reports,
        "not_in_catalog": list(done.not_found),
        "catalog_wiped": done.is_wiped,
    }
