"""What SQL can't say about a segment: how each clause of its definition narrows it, before it runs.

Belongs here: reading a segment's SQL and counting it. Does not belong here: segments themselves
(dbt_project/models/segments) and what dbt counts about those that are saved.
"""

from kindred.segments.definition import Definition, DefinitionError
from kindred.segments.preview import Preview, preview, waterfall

__all__ = ["Definition", "DefinitionError", "Preview", "preview", "waterfall"]
