"""The propensity to order accessories within ninety days.

Belongs here: training with a split in time, choosing a model by measurement, the model card, and
the fallback when there is nothing to learn from.
Does not belong here: the features themselves (dbt), metrics (`quality`), files (`shelf`).

The card is honest in four ways. The figures come from the newest labelled snapshot, which training
did not see. Which kind of model is used was decided on an older snapshot. A baseline that needs no
model (whoever ordered last is asked first) stands beside it. And when the data can't carry a model,
every customer gets the base rate, no decile, and the card says why.
"""

from __future__ import annotations

import datetime as dt
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import sklearn
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from threadpoolctl import threadpool_limits

from kindred.scoring import quality, shelf, table

MODEL = "propensity_accessories"
QUESTION = "Will this customer order accessories within 90 days of the snapshot?"
BASELINE = "days_since_accessory_order"
FALLBACK = "base_rate"
LIBRARY = f"scikit-learn {sklearn.__version__}"
DAYS = 7
GROWTH = 1.25
ROWS_WORTH_THREADS = 100_000
"""Below this, scikit-learn's threads wait for each other longer than they work."""

THREADS = max(1, (os.cpu_count() or 1) // 2)
"""Above it, half the cores: where another process has the core of one thread, all the others wait
for it, awake (training 520,000 rows on two busy cores: 33 CPU seconds alone, 116 in two)."""

PARAMETERS: dict[str, Any] = {
    "method": 1,
    "seed": 20261101,
    "least_positives": 20,
    "most_rows_to_fit": 400_000,
    "most_rows_to_explain": 10_000,
    "gradient_boosting": {
        "learning_rate": 0.06,
        "max_iter": 120,
        "max_leaf_nodes": 15,
        "min_samples_leaf": 40,
        "l2_regularization": 1.0,
    },
    "logistic": {"C": 0.3, "max_iter": 500},
}
"""What training depends on beside the data; part of the version. `method` is raised when the code
below changes what it does with the same data."""


@dataclass(frozen=True)
class PropensityModel:
    """A fitted estimator and the features it reads; without one, the base rate for everybody."""

    version: str
    kind: str
    features: list[str]
    estimator: Any
    base_rate: float


def train(
    features: pa.Table, parameters: dict[str, Any] | None = None
) -> tuple[PropensityModel, dict[str, Any]]:
    """Learn from the labelled rows of `features`; return the model and its card.

    `features` has `customer_id`, `snapshot_date`, a boolean `label` (null where the outcome isn't
    known yet) and any numeric columns. Raises ValueError when one of the three is missing. Data
    that can't carry a model gives the fallback, never an error. `parameters` overrides entries of
    `PARAMETERS`.
    """
    table.check(features)
    threads = THREADS if features.num_rows > ROWS_WORTH_THREADS else 1
    with threadpool_limits(limits=threads):
        model, card = _train(table.labelled(features), PARAMETERS | (parameters or {}))
    days = table.snapshots(features)
    card["learned_on"] = days[-1].isoformat() if days else None
    return model, card


def _train(known: pa.Table, chosen: dict[str, Any]) -> tuple[PropensityModel, dict[str, Any]]:
    version = table.fingerprint(known, chosen | {"library": LIBRARY})
    days = table.snapshots(known)
    names = _informative(known)
    why_not = _why_no_model(known, days, names, chosen["least_positives"])
    card = _card(version, known, days, chosen)
    if why_not:
        rate = float(table.labels(known).mean()) if known.num_rows else 0.0
        card |= {"kind": FALLBACK, "fallback_reason": why_not, "features": []}
        return PropensityModel(version, FALLBACK, [], None, rate), card
    kind, candidates = _choose(known, days[:-1], names, chosen)
    card |= {"kind": kind, "fallback_reason": None, "features": names, "candidates": candidates}
    card |= _judge(kind, known, days, names, chosen)
    final = _fit(kind, known, names, chosen)
    return PropensityModel(version, kind, names, final, card["base_rate"]["labelled"]), card


def score(model: PropensityModel, features: pa.Table) -> pa.Table:
    """Score the customers of the newest snapshot in `features`; returns `table.SCORES`.

    An empty table gives an empty table; a feature the model knows and `features` lacks counts as
    unknown.
    """
    table.check(features)
    # in one order, because the last digits of a product of matrices depend on a row's place
    rows = table.at(features, table.snapshots(features)[-1:]).sort_by("customer_id")
    if model.estimator is None or not rows.num_rows:
        values = np.full(rows.num_rows, model.base_rate)
        return table.scores(rows, MODEL, model.version, values, None)
    values = _probabilities(model.estimator, table.matrix(rows, model.features))
    return table.scores(rows, MODEL, model.version, values, quality.deciles(values))


def run(features: pa.Table, models_dir: Path) -> tuple[pa.Table, dict[str, Any]]:
    """Score with the model on the shelf where it is still good, else train and keep another.

    It is good for `DAYS` days, while the parameters, the library and the features are those that
    it was trained with and there are less than `GROWTH` times as many labelled rows, or so many
    fewer. A model trained at each run moves every score a little: at 5,000 people 6 changed rows
    of 24,005 moved a quarter of the scores by 0.01, and each is a row to send to each system.
    The base rate of data that can't carry a model is kept for the next run only if nothing changed.

    Returns the scores and the card. The model and card lie in
    `models_dir/propensity_accessories/<version>/`; remove the folder to train at the next run.
    """
    table.check(features)
    folder = models_dir / MODEL
    card = shelf.latest_card(folder)
    if card and _is_good(card, features):
        return score(shelf.get(folder, card["version"]), features), card
    model, card = train(features)
    shelf.put(folder, model.version, model, card)
    return score(model, features), card


def _is_good(card: dict[str, Any], features: pa.Table) -> bool:
    known = table.labelled(features)
    if card["kind"] == FALLBACK:
        return bool(card["version"] == table.fingerprint(known, PARAMETERS | {"library": LIBRARY}))
    days = table.snapshots(features)
    if not days or "learned_on" not in card:  # nobody to score, or a card of an earlier version
        return False
    age = (days[-1] - dt.date.fromisoformat(card["learned_on"])).days
    then = card["sizes"]["labelled_rows"]
    return (
        card["parameters"] == PARAMETERS
        and card["library"] == LIBRARY
        and card["columns"] == table.feature_names(features)
        and abs(age) < DAYS
        and 1 / GROWTH < known.num_rows / then < GROWTH
    )


def _card(
    version: str, known: pa.Table, days: list[dt.date], parameters: dict[str, Any]
) -> dict[str, Any]:
    truth = table.labels(known)
    return {
        "model": MODEL,
        "version": version,
        "question": QUESTION,
        "library": LIBRARY,
        "parameters": parameters,
        "columns": table.feature_names(known),
        "snapshots": [day.isoformat() for day in days],
        "sizes": {"labelled_rows": len(truth), "labelled_positives": int(truth.sum())},
        "base_rate": {"labelled": quality.rounded(truth.mean()) if len(truth) else None},
    }


def _informative(known: pa.Table) -> list[str]:
    """Features that take more than one value, unknown being one."""
    names = table.feature_names(known)
    return [name for name in names if _varies(table.matrix(known, [name])[:, 0])]


def _varies(column: np.ndarray) -> bool:
    values = column[~np.isnan(column)]
    return bool(len(values)) and (len(values) < len(column) or values.min() < values.max())


def _why_no_model(known: pa.Table, days: list[dt.date], names: list[str], least: int) -> str | None:
    if not known.num_rows:
        return "no customer has a snapshot whose outcome is known yet"
    if not table.feature_names(known):
        return "the features table has no numeric feature"
    if len(days) < 2:
        return "only one snapshot has a known outcome, so nothing could be held back to validate on"
    for part, span in (("train on", days[:-1]), ("validate on", days[-1:])):
        truth = table.labels(table.at(known, span))
        positives = int(truth.sum())
        if min(positives, len(truth) - positives) < least:
            return (
                f"the rows to {part} hold {positives} buyers among {len(truth)}; "
                f"at least {least} of either kind are needed"
            )
    if not names:
        return "no feature takes more than one value"
    return None


def _choose(
    known: pa.Table, days: list[dt.date], names: list[str], parameters: dict[str, Any]
) -> tuple[str, dict[str, Any]]:
    """The kind of model that ranks best on the newest of the training snapshots `days`."""
    kinds = ("logistic", "gradient_boosting")
    truth = table.labels(table.at(known, days[-1:]))
    older = table.labels(table.at(known, days[:-1]))
    if min(*_both(truth), *_both(older)) < parameters["least_positives"]:
        return kinds[0], {
            "reason": "too few older snapshots to compare kinds: the simplest is used"
        }
    found: dict[str, Any] = {"measured_on": days[-1].isoformat(), "decides": "pr_auc"}
    for kind in kinds:
        fitted = _fit(kind, table.at(known, days[:-1]), names, parameters)
        rows = table.at(known, days[-1:])
        found[kind] = quality.judged(truth, _probabilities(fitted, table.matrix(rows, names)))
    return max(kinds, key=lambda kind: found[kind]["pr_auc"]), found


def _both(truth: np.ndarray) -> tuple[int, int]:
    return int(truth.sum()), int(len(truth) - truth.sum())


def _judge(
    kind: str, known: pa.Table, days: list[dt.date], names: list[str], parameters: dict[str, Any]
) -> dict[str, Any]:
    """Fit on all labelled snapshots but the newest, and say how it does on the newest."""
    older, newest = table.at(known, days[:-1]), table.at(known, days[-1:])
    fitted = _fit(kind, older, names, parameters)
    seen, truth = table.matrix(newest, names), table.labels(newest)
    values = _probabilities(fitted, seen)
    figures = quality.judged(truth, values)
    baseline = _baseline(newest, truth)
    some = _sample(len(truth), parameters["most_rows_to_explain"], parameters["seed"])
    both = min(_both(truth[some])) > 0
    return {
        "split": {
            "trained_on": [day.isoformat() for day in days[:-1]],
            "validated_on": days[-1].isoformat(),
            "then": "fitted again on all labelled snapshots to score the current one",
        },
        "sizes": {
            "labelled_rows": known.num_rows,
            "labelled_positives": int(table.labels(known).sum()),
            "train_rows": older.num_rows,
            "validation_rows": newest.num_rows,
            "validation_positives": int(truth.sum()),
        },
        "base_rate": {
            "labelled": quality.rounded(table.labels(known).mean()),
            "train": quality.rounded(table.labels(older).mean()),
            "validation": quality.rounded(truth.mean()),
        },
        "quality": figures,
        "baseline": baseline,
        "earns_its_place": baseline is None or figures["pr_auc"] > baseline["pr_auc"],
        "calibration": quality.calibration(truth, values),
        "importance": quality.importance(fitted, seen[some], truth[some], names, parameters["seed"])
        if both
        else [],
    }


def _baseline(newest: pa.Table, truth: np.ndarray) -> dict[str, Any] | None:
    """The ranking that needs no model: whoever ordered accessories last comes first."""
    if BASELINE not in newest.column_names:
        return None
    days = table.matrix(newest, [BASELINE])[:, 0].astype(np.float64)
    never = np.isnan(days)
    return {
        "ranking": f"{BASELINE}, fewest first, never last",
        **quality.ranking(truth, -np.where(never, 1e6, days)),
    }


def _fit(kind: str, rows: pa.Table, names: list[str], parameters: dict[str, Any]) -> Any:
    some = _sample(rows.num_rows, parameters["most_rows_to_fit"], parameters["seed"])
    part = rows if len(some) == rows.num_rows else rows.take(pa.array(some))
    seen = table.matrix(part, names)
    seen[:, np.isnan(seen).all(axis=0)] = 0.0  # a column without any value stops scikit-learn
    return _estimator(kind, parameters).fit(seen, table.labels(part))


def _estimator(kind: str, parameters: dict[str, Any]) -> Any:
    if kind == "logistic":
        return make_pipeline(
            SimpleImputer(strategy="median", add_indicator=True, keep_empty_features=True),
            StandardScaler(),
            LogisticRegression(**parameters["logistic"]),
        )
    return HistGradientBoostingClassifier(
        **parameters["gradient_boosting"], early_stopping=False, random_state=parameters["seed"]
    )


def _sample(size: int, most: int, seed: int) -> np.ndarray:
    """Positions of at most `most` of `size` rows, in order, the same for the same seed."""
    if size <= most:
        return np.arange(size)
    return np.sort(np.random.default_rng(seed).choice(size, most, replace=False))


def _probabilities(estimator: Any, matrix: np.ndarray) -> np.ndarray:
    return estimator.predict_proba(matrix)[:, 1]
