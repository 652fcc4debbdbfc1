"""Identity: which records are one person, and which permanent id that person has.

Belongs here: pure functions over Arrow tables that decide (`resolve`, `match_file`), an `Index`
that takes in what changed, and measuring (`evaluate`). Does not belong here: cleaning of values for
showing (SQL macros of `dbt_project`), the ledger, and anything about Dagster.
"""

from kindred.identity.codes.columns import InputError
from kindred.identity.evaluation import Quality, evaluate
from kindred.identity.files import match_file
from kindred.identity.index.index import Changes, Index
from kindred.identity.index.index_file import open_index, save_index
from kindred.identity.resolution import Resolution, resolve
from kindred.identity.rules.rules_file import Rules, RulesError, load_rules

__all__ = [
    "Changes",
    "Index",
    "InputError",
    "Quality",
    "Resolution",
    "Rules",
    "RulesError",
    "evaluate",
    "load_rules",
    "match_file",
    "open_index",
    "resolve",
    "save_index",
]
