"""Pictures: charts as files for people and as metadata for the Dagster UI.

Belongs here: drawing numbers that are given. Does not belong here: counting them. Figures are made
without pyplot, so nothing is shared between threads, no window opens and no backend is chosen.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from kindred.outputs import written

FOR, AGAINST, SUM = "#2a7f62", "#b5433a", "#44546a"
"""Colours of evidence for, evidence against, and totals; red and green differ in lightness too."""
SUFFIXES = (".svg", ".png")
BAR = 0.32
PANEL = 1.0
"""Inches per bar of a waterfall, and for what stands around the bars of a panel."""
FIXED = {"svg.hashsalt": "kindred", "svg.fonttype": "path"}
"""The same numbers give the same file; letters are drawn as shapes, so that no font is fetched."""


def waterfall(panels: Sequence[tuple[str, Sequence[tuple[str, float | None]]]]) -> Figure:
    """How weights add up: per panel a title, and steps in words with their weights in bits.

    A step without a weight is a decision: it is named and has no bar.
    """
    heights = [len(steps) + 1 for _, steps in panels]
    size = (9, PANEL * len(panels) + BAR * sum(heights))
    figure = Figure(figsize=size, layout="constrained")
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)
    for axes, (title, steps) in zip(grid[:, 0], panels, strict=True):
        _waterfall(axes, title, steps)
    return figure


def _waterfall(axes: Axes, title: str, steps: Sequence[tuple[str, float | None]]) -> None:
    total = 0.0
    for place, (_, weight) in enumerate(steps):
        if weight is None:
            axes.annotate("decides", (total, place), va="center", weight="bold", color=SUM)
            continue
        axes.barh(place, weight, left=total, color=FOR if weight >= 0 else AGAINST, height=0.7)
        total += weight
        axes.annotate(
            f"{weight:+.1f}",
            (total, place),
            (4 if weight >= 0 else -4, 0),
            textcoords="offset points",
            ha="left" if weight >= 0 else "right",
            va="center",
            fontsize=8,
        )
        axes.plot([total, total], [place, place + 1], color=SUM, linewidth=0.6)
    axes.barh(len(steps), total, color=SUM, height=0.7)
    axes.set_yticks(range(len(steps) + 1), [*(words for words, _ in steps), "sum"], fontsize=8)
    axes.invert_yaxis()
    axes.axvline(0, color="black", linewidth=0.8)
    axes.use_sticky_edges = False
    axes.margins(x=0.12, y=0.02)
    axes.set_title(title, fontsize=9, loc="left")
    axes.set_xlabel("bits: each doubles the odds; above 0, one person", size=8)
    axes.tick_params(axis="x", labelsize=8)
    axes.spines[["top", "right"]].set_visible(False)


def bars(counts: Mapping[str, int], title: str, xlabel: str) -> Figure:
    """Counts by name, as upright bars in the order given; the scale is logarithmic."""
    figure = Figure(figsize=(6, 3), layout="constrained")
    axes = figure.subplots()
    drawn = axes.bar(range(len(counts)), list(counts.values()), color=SUM)
    axes.bar_label(drawn, [f"{count:,}" for count in counts.values()], fontsize=8)
    axes.set_xticks(range(len(counts)), list(counts), fontsize=8)
    axes.set_yscale("symlog")
    axes.set_title(title, fontsize=10, loc="left")
    axes.set_xlabel(xlabel, size=8)
    axes.spines[["top", "right"]].set_visible(False)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure as `.svg` or `.png`. Raises `ValueError` for another suffix, `OutputError`."""
    if path.suffix.lower() not in SUFFIXES:
        raise ValueError(f"{path}: a picture is a file {' or '.join(SUFFIXES)}")
    kind = path.suffix.lower().removeprefix(".")
    with mpl.rc_context(FIXED):
        facts = {"Date": None} if kind == "svg" else {}
        with written(path) as draft:
            figure.savefig(draft, format=kind, dpi=150, metadata=facts)


def markdown(figure: Figure) -> str:
    """A figure as markdown that carries it inside, for an asset's metadata."""
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=80)
    encoded = base64.b64encode(content.getvalue()).decode()
    return f"![chart](data:image/png;base64,{encoded})"
