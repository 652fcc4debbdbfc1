"""The destinations: one folder per system, each declaring what it can do.

Belongs here: finding a destination by name. Does not belong here: planning, recording, retry rules.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module

from activation.engine.errors import DestinationError
from activation.engine.operations import Destination
from activation.engine.spec import Sync

NAMES = ("dynamics365", "email_platform", "salesforce")


def open_destination(sync: Sync, sleep: Callable[[float], None] = time.sleep) -> Destination:
    """The destination of a sync, with its connection values read; nothing is sent yet.

    Raises `DestinationError` naming what is missing.
    """
    if sync.destination not in NAMES:
        raise DestinationError(
            f"{sync.name}: there is no destination {sync.destination!r}, only {', '.join(NAMES)}"
        )
    module = import_module(f"activation.destinations.{sync.destination}.destination")
    return module.open_destination(sync, sleep)
