"""Making deleted rows unreadable in the catalog's file, which SQLite leaves as they were in free pages."""

from sqlalchemy import Engine

_PATIENCE_MS = 5_000  # for other users of the catalog; after that the caller is told, and nothing is lost


def wipe_deleted(engine: Engine) -> bool | None:
    """Write an SQLite catalog anew without its free pages and empty its log; say whether both were done.

    False: another process was reading, so the old pages may live on in the log until it closes. None: not SQLite;
    Postgres clears dead rows by itself (autovacuum), `VACUUM FULL` at once. Needs as much free disk as the catalog has.
    Raises CatalogFailed when the catalog is locked for longer, or the disk is full; nothing is changed then.
    """
    if engine.dialect.name != "sqlite":
        return None
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        try:
            connection.exec_driver_sql(f"PRAGMA busy_timeout={_PATIENCE_MS}")
            connection.exec_driver_sql("PRAGMA temp_store=FILE")  # not a second catalog in memory
            connection.exec_driver_sql("VACUUM")
            busy = connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").scalar_one()
        finally:
            connection.invalidate()  # the next user gets a connection with the usual pragmas
    return not busy
