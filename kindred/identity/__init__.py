"""Identity: which records are one person, and which permanent id that person has.

Belongs here: pure functions over Arrow tables that decide (`resolve`) and measure (`evaluate`).
Does not belong here: cleaning of names, emails and phones (SQL macros of `dbt_project` do it once,
for `int_identity__records`), reading or writing files and the ledger, and anything about Dagster.
"""

from kindred.identity.evaluation import Quality, evaluate
from kindred.identity.resolution import Resolution, resolve
from kindred.identity.rules import RULES, Rule

__all__ = ["RULES", "Quality", "Resolution", "Rule", "evaluate", "resolve"]
