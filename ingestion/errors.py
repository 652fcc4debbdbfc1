"""Failures of landing in one clear sentence.

Belongs here: the one exception that a caller sees, and how the failures of dlt, HTTP, disks and
databases become it. Messages name source, table, file and row, and never a value from the data.
"""

from __future__ import annotations

import errno
import traceback
from collections.abc import Iterator
from pathlib import Path

import requests
from dlt.common.configuration.exceptions import ConfigFieldMissingException
from sqlalchemy.exc import SQLAlchemyError

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class LandingError(Exception):
    """Why a source could not land. The message is safe to show and to log."""

    def __init__(self, message: str, source: str, table: str | None = None):
        place = f"{source}.{table}" if table else source
        super().__init__(f"{place}: {message}")
        self.source = source
        self.table = table


def explain(error: BaseException, source: str) -> LandingError:
    """The clear failure behind `error`, found along its chain of causes.

    Text of foreign exceptions is left out on purpose: it may quote rows, addresses or passwords.
    """
    chain = list(_causes(error))
    for cause in chain:
        if isinstance(cause, LandingError):
            return cause
    for cause in chain:
        if message := _message(cause, source):
            return LandingError(message, source)
    cause = chain[-1]
    return LandingError(
        f"landing failed with {type(cause).__name__}{_place(cause)}; the next run carries on",
        source,
    )


def _place(error: BaseException) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    return f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        yield error
        error = getattr(error, "exception", None) or error.__cause__ or error.__context__


def _message(cause: BaseException, source: str) -> str | None:
    if isinstance(cause, ConfigFieldMissingException):
        names = ", ".join(f"SOURCES__{source}__{field}".upper() for field in cause.fields)
        return f"not configured: set {names} (or the same name in .dlt/secrets.toml)"
    if isinstance(cause, OSError) and cause.errno in FULL:
        return (
            "the disk is full; what had been read is kept or read again, "
            "so free some space and run again"
        )
    if isinstance(cause, requests.RequestException):
        return f"the system does not answer ({type(cause).__name__})"
    if isinstance(cause, SQLAlchemyError):
        return f"the database refuses ({type(cause).__name__}); check credentials and db_schema"
    if isinstance(cause, PermissionError):
        return "a file or folder may not be read or written; check its permissions"
    return None
