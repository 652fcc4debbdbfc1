"""Scoring: how likely is a customer to buy, learnt from what customers did before.

Belongs here: training, judging, keeping and applying propensity models over Arrow tables.
Does not belong here: which facts a model looks at (the dbt models in `features/` say that), who is
contacted because of a score (`segments/`), and anything about Dagster.
"""

from kindred.scoring.propensity import PropensityModel, run, score, train

__all__ = ["PropensityModel", "run", "score", "train"]
