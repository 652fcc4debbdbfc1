"""Scripts: which texts are written in letters that can't be compared with ours.

Belongs here: telling that. Does not belong here: letters that are read as ours, as Cyrillic and
Greek ones are (`normal_forms`).
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc


def are_foreign(texts: pa.Array) -> np.ndarray:
    """True per text in normal form that isn't ASCII and has no letter of ours."""
    found = pc.invert(pc.fill_null(pc.string_is_ascii(texts), True)).to_numpy(zero_copy_only=False)
    rows = np.flatnonzero(found)
    if len(rows):
        ours = pc.match_substring_regex(texts.take(pa.array(rows)), "[a-z]")
        found[rows] = ~ours.to_numpy(zero_copy_only=False)
    return found
