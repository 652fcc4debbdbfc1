"""Charts of the business: segments, the sales funnel, dealers, open orders.

Belongs here: how each chart looks, from rows that are given. Does not belong here: counting, and
what all pictures share (dagster_project/pictures.py).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dagster_project.pictures import AGAINST, FOR, SUM

PALE = "#c9d1dc"
ROW = 0.3
"""Inches per line of a chart with lines."""

Row = Mapping[str, Any]


def segments(rows: Sequence[Row], shared: Sequence[tuple[str, str, float]]) -> Figure:
    """Sizes of segments with who may be reached, beside a map of how they overlap.

    rows: `segment`, `members`, `may be reached`. shared: (segment, other, share of it in other).
    """
    ordered = sorted(rows, key=lambda row: (row["members"], row["segment"]))
    names = [row["segment"] for row in ordered]
    figure = Figure(figsize=(14, 1.6 + ROW * len(names)), layout="constrained")
    left, right = figure.subplots(1, 2, width_ratios=(1, 1))
    drawn = left.barh(names, [row["members"] for row in ordered], color=PALE, label="members")
    left.barh(
        names,
        [row["may be reached"] for row in ordered],
        color=FOR,
        height=0.4,
        label="may be reached on a channel of the segment",
    )
    left.bar_label(drawn, [f"{row['members']:,}" for row in ordered], padding=3, fontsize=7)
    left.legend(fontsize=7, loc="lower right")
    _plain(left, "Segments")
    places = {name: place for place, name in enumerate(names)}
    matrix = [[0.0] * len(names) for _ in names]
    for one, other, share in shared:
        if one in places and other in places:
            matrix[places[one]][places[other]] = share
    image = right.imshow(matrix, cmap="Greens", vmin=0, vmax=1, origin="lower", aspect="auto")
    right.set_xticks(range(len(names)), names, rotation=60, ha="right", fontsize=7)
    right.set_yticks(range(len(names)), names, fontsize=7)
    right.set_title("Share of a segment (row) that is in another (column)", fontsize=10, loc="left")
    figure.colorbar(image, ax=right, shrink=0.6)
    return figure


def funnel(stages: Sequence[Row]) -> Figure:
    """The stages of selling, one bar each.

    stages: `stage`, `reached`, `open_now`, `conversion` and mean `days`, either of which may be
    unknown.
    """
    figure = Figure(figsize=(8, 1.2 + 0.6 * len(stages)), layout="constrained")
    axes = figure.subplots()
    widest = max((row["reached"] for row in stages), default=0)
    for place, row in enumerate(stages):
        start = (widest - row["reached"]) / 2
        axes.barh(place, row["reached"], left=start, color=SUM, height=0.8)
        axes.barh(place, row["open_now"], left=start, color=FOR, height=0.8)
        share = "" if row["conversion"] is None else f", {row['conversion']:.0%} go on"
        days = "" if row["days"] is None else f", {row['days']:.0f} days"
        words = f"{row['reached']:,} reached{share}{days}; {row['open_now']:,} open"
        axes.annotate(words, (widest, place), (8, 0), textcoords="offset points", va="center")
    axes.set_yticks(range(len(stages)), [row["stage"] for row in stages])
    axes.invert_yaxis()
    axes.set_xticks([])
    _plain(axes, "Sales funnel (green: open now)")
    axes.spines[["bottom", "left"]].set_visible(False)
    return figure


def ranking(dealers: Sequence[Row], most: int = 20) -> Figure:
    """Dealers by revenue of the last year beside the year before.

    rows: `name`, `revenue_365`, `revenue_year_before`; the order given is the rank.
    """
    shown = list(dealers)[:most]
    figure = Figure(figsize=(9, 1.2 + ROW * len(shown)), layout="constrained")
    axes = figure.subplots()
    before = [float(row["revenue_year_before"]) / 1e6 for row in shown]
    now = [float(row["revenue_365"]) / 1e6 for row in shown]
    colours = [FOR if new >= old else AGAINST for new, old in zip(now, before, strict=True)]
    axes.barh(range(len(shown)), before, color=PALE, height=0.8)
    axes.barh(range(len(shown)), now, color=colours, height=0.45)
    axes.set_yticks(range(len(shown)), [row["name"] for row in shown], fontsize=8)
    axes.invert_yaxis()
    axes.set_xlabel("millions, net; pale: the year before", size=8)
    _plain(axes, "Dealers by revenue of the last 365 days (green: more than the year before)")
    return figure


def ages(bands: Sequence[Row]) -> Figure:
    """Open orders by age, on time and late. rows: `age`, `on_time`, `late`."""
    figure = Figure(figsize=(8, 3.2), layout="constrained")
    axes = figure.subplots()
    names = [row["age"] for row in bands]
    on_time = [row["on_time"] for row in bands]
    axes.bar(names, on_time, color=FOR, label="on time")
    late = axes.bar(names, [row["late"] for row in bands], bottom=on_time, color=AGAINST)
    late.set_label("later than promised")
    axes.bar_label(late, [f"{row['on_time'] + row['late']:,}" for row in bands], fontsize=8)
    axes.set_xlabel("days since the order", size=8)
    axes.legend(fontsize=8)
    _plain(axes, "Open car orders by age")
    return figure


def _plain(axes: Axes, title: str) -> None:
    axes.set_title(title, fontsize=10, loc="left")
    axes.tick_params(labelsize=8)
    axes.margins(x=0.14)
    axes.spines[["top", "right"]].set_visible(False)
