"""How good a ranking of customers is, in numbers that a person can compare.

Belongs here: pure functions from labels and scores to figures of a model card.
Does not belong here: fitting, choosing or storing models.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.inspection import permutation_importance
from sklearn.metrics import average_precision_score, brier_score_loss, roc_auc_score

DIGITS = 6
BINS = 10


def rounded(value: float) -> float:
    """A figure as it stands in a card: short enough to read, long enough to compare."""
    return round(float(value), DIGITS)


def ranking(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """How well `scores` order the customers who bought (`labels`, 0 or 1) before the others.

    Both classes must occur. Lift is the buyers' share among the best-ranked tenth, divided by their
    share among all; customers with one score share the places they take.
    """
    return {
        "roc_auc": rounded(roc_auc_score(labels, scores)),
        "pr_auc": rounded(average_precision_score(labels, scores)),
        "lift_top_decile": rounded(top_share(labels, scores, 1 / BINS) / labels.mean()),
    }


def judged(labels: np.ndarray, scores: np.ndarray) -> dict[str, float]:
    """`ranking`, and how far the scores are from being probabilities (Brier, lower is better)."""
    return {**ranking(labels, scores), "brier": rounded(brier_score_loss(labels, scores))}


def top_share(labels: np.ndarray, scores: np.ndarray, share: float) -> float:
    """Share of buyers among the `share` best-scored rows, at least one row.

    Rows that tie on the border count with the average of all that tie, so that the order in which
    rows came plays no part.
    """
    places = max(1, round(len(scores) * share))
    border = np.sort(scores)[::-1][places - 1]
    above, tied = scores > border, scores == border
    bought = labels[above].sum() + labels[tied].mean() * (places - above.sum())
    return float(bought / places)


def calibration(labels: np.ndarray, scores: np.ndarray) -> list[dict[str, float]]:
    """Ten equal groups from the lowest to the highest score: what was said, what happened."""
    order = np.argsort(scores, kind="stable")
    return [
        {
            "rows": len(rows),
            "mean_score": rounded(scores[rows].mean()),
            "bought_share": rounded(labels[rows].mean()),
        }
        for rows in np.array_split(order, BINS)
        if len(rows)
    ]


def importance(
    estimator: Any, matrix: np.ndarray, labels: np.ndarray, names: list[str], seed: int
) -> list[dict[str, Any]]:
    """How much ROC AUC is lost when one feature is shuffled, the most important one first."""
    lost = permutation_importance(
        estimator, matrix, labels, scoring="roc_auc", n_repeats=3, random_state=seed
    )
    figures = zip(names, lost.importances_mean, lost.importances_std, strict=True)
    return sorted(
        ({"feature": n, "auc_lost": rounded(m), "spread": rounded(s)} for n, m, s in figures),
        key=lambda row: (-row["auc_lost"], row["feature"]),
    )


def deciles(scores: np.ndarray) -> np.ndarray:
    """1 (most likely tenth) to 10 per row; rows with one score share the better decile."""
    descending = np.sort(-scores)
    ahead = np.searchsorted(descending, -scores, side="left")
    return (ahead * BINS // max(len(scores), 1) + 1).astype(np.int64)
