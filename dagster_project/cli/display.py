"""A run on the terminal: which stage it is in, how far, how long, and what went wrong.

Belongs here: showing progress and problems. Does not belong here: the run (running.py).
"""

from __future__ import annotations

import time
from types import TracebackType
from typing import Self

import dagster as dg
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from dagster_project import progress
from dagster_project.running import Outcome, Stage

MOST_GROUPS = 3
NAME_WIDTH = 48


class RunDisplay:
    """Follows a run: a live line on a terminal, one line per stage elsewhere."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.live = console.is_terminal
        self.started = time.monotonic()
        self.bar = Progress(
            SpinnerColumn(),
            TextColumn("[bold]{task.description}"),
            BarColumn(bar_width=30),
            MofNCompleteColumn(),
            TextColumn("assets"),
            TimeElapsedColumn(),
            console=console,
            transient=True,
            disable=not self.live,
        )
        self.task = self.bar.add_task("Loading the asset graph", total=None)
        self.finished = 0
        self.current = ""
        self.listening = progress.listening(self.on_news)

    def __enter__(self) -> Self:
        self.bar.start()
        self.listening.__enter__()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.listening.__exit__(kind, error, trace)
        self.bar.stop()

    def on_news(self, what: str, done: int, _total: int) -> None:
        """A step says how far it is, before Dagster knows."""
        self.bar.update(
            self.task, completed=self.finished + done, description=f"{self.current} ({what})"
        )

    def on_event(self, event: dg.DagsterEvent, stages: dict[str, Stage]) -> None:
        """Called for every event of the run."""
        stage = stages.get(event.step_key or "")
        if stage is None:
            return
        if event.is_step_start:
            self.current = stage_name(stage)
            total = sum(one.assets for one in stages.values())
            self.bar.update(self.task, description=self.current, total=total)
        elif event.is_step_success:
            self.finished += stage.assets
            self.bar.update(self.task, completed=self.finished)
            self._line("[green]✓[/]", stage)
        elif event.is_step_failure:
            self.finished += stage.assets
            self._line("[red]✗[/]", stage)

    def _line(self, mark: str, stage: Stage) -> None:
        elapsed = time.monotonic() - self.started
        assets = f"{stage.assets} asset{'s' if stage.assets != 1 else ''}"
        name = stage_name(stage)[:NAME_WIDTH]
        times = f"{stage.seconds:6.1f} s [dim]{elapsed:6.0f} s[/]"
        self.console.print(f"{mark} {name:<{NAME_WIDTH}} {assets:>10} {times}")


def stage_name(stage: Stage) -> str:
    """A stage as a person calls it: the step, and the groups that it builds."""
    groups = ", ".join(stage.groups[:MOST_GROUPS])
    more = len(stage.groups) - MOST_GROUPS
    name = stage.name.replace("__", ": ").replace("_", " ")
    if stage.groups == [stage.name] or not name.startswith("transform"):
        return name
    return f"transform: {groups}" + (f" and {more} more" if more > 0 else "")


def show_problems(console: Console, outcome: Outcome) -> None:
    """What failed, one message per failed step."""
    for problem in outcome.problems:
        step = problem.step.replace("_", " ")
        console.print(Text.assemble(("Failed:", "bold red"), f" {step}\n  {problem.message}"))
