"""What may go wrong below every command, in words: the ledger, files, the terminal, no text.

Belongs here: errors that no command can foresee where it calls. Does not belong here: what a
command itself refuses. What is not known here is a fault of ours and keeps its traceback.
"""

from __future__ import annotations

import errno
import sqlite3

from kindred.outputs import OutputError

NO_OUTPUT = (errno.ENOSPC, errno.EBADF, errno.EIO)
"""What writing to a standard output ends in whose disk is full, or that is closed."""


def in_words(error: Exception) -> str | None:
    """What a message should say of an error; None for what nobody expects."""
    if isinstance(error, OutputError):
        return str(error)
    if isinstance(error, UnicodeEncodeError):
        is_argument = "surrogates" in error.reason
        return "an argument holds a byte that is no text (UTF-8)" if is_argument else None
    if isinstance(error, OSError):
        is_output = error.errno in NO_OUTPUT and error.filename is None
        return f"standard output can't be written: {error.strerror}" if is_output else None
    return _of_ledger(error)


def _of_ledger(error: Exception) -> str | None:
    """A database's own words; those about rows are left out, as they may hold values."""
    if not isinstance(error, sqlite3.Error):
        import sqlalchemy.exc as sa  # noqa: PLC0415 (only a command that failed waits for it)

        if not isinstance(error, sa.OperationalError) and type(error) is not sa.DatabaseError:
            return None
    reason = str(getattr(error, "orig", error)).strip()
    if "locked" in reason:
        return f"{_ledger()} is in use by another command: wait until that has ended, and try again"
    if "not a database" in reason or "malformed" in reason:
        return (
            f"{_ledger()} is no SQLite database, or damaged: put a copy of it in its place, or "
            "name another with KINDRED_LEDGER_URL"
        )
    return f"{_ledger()} can't be used: {reason}"


def _ledger() -> str:
    from sqlalchemy import make_url  # noqa: PLC0415

    from dagster_project.cli import console  # noqa: PLC0415

    url = make_url(console.settings().ledger)
    is_file = url.get_backend_name() == "sqlite"
    return f"the ledger {url.database if is_file else url.render_as_string(hide_password=True)}"
