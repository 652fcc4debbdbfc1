"""A segment's SQL file, read without dbt.

Belongs here: rendering the few macros that segments use, and taking the SQL apart into clauses.
Does not belong here: running it (kindred/segments/preview.py). Reading a project takes dbt seconds;
a preview has less than one.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import jinja2
from jinja2.sandbox import SandboxedEnvironment
from sqlglot import exp, parse
from sqlglot.errors import ParseError

DIALECT = "duckdb"
DATE = re.compile(r"CAST\(('\d{4}-\d\d-\d\d') AS DATE\)")
"""How a day reads in SQL; in words the day itself says enough."""

KNOWN_MACROS = "ref, as_of, days_after, days_ago, days_ahead"


class DefinitionError(ValueError):
    """The file is no segment; the message says why, in words for whoever wrote it."""


@dataclass(frozen=True)
class Definition:
    """A segment's SQL with names of tables for `ref`, and which tables these are."""

    sql: str
    tables: tuple[str, ...]

    @classmethod
    def render(cls, text: str, today: dt.date) -> Definition:
        """Render a segment's file as of a day.

        Raises `DefinitionError` for a macro that only dbt knows, and for what isn't one SELECT.
        """
        tables: list[str] = []

        def ref(name: str) -> str:
            tables.append(name)
            return exp.to_identifier(name, quoted=True).sql(DIALECT)

        environment = SandboxedEnvironment(undefined=jinja2.StrictUndefined, autoescape=False)
        try:
            sql = environment.from_string(text).render(ref=ref, **_days(today))
        except jinja2.TemplateError as error:
            raise DefinitionError(f"{error.message}; known here: {KNOWN_MACROS}") from None
        _parsed(sql)
        return cls(sql, tuple(dict.fromkeys(tables)))

    def clauses(self) -> list[str]:
        """The conditions that narrow the segment, in the order written; none without a WHERE."""
        where = _narrowing(_parsed(self.sql)).args.get("where")
        return [DATE.sub(r"\1", clause.sql(DIALECT)) for clause in _conjuncts(where)]

    def narrowing(self) -> str:
        """SQL that counts, in one scan: `step_0` all rows, `step_n` those left after n clauses.

        What is counted are rows before the WHERE: one customer each when the segment is a filter
        of one table of customers.
        """
        tree = _parsed(self.sql)
        select = _narrowing(tree)
        conjuncts = _conjuncts(select.args.get("where"))
        counts: list[exp.Expression] = [_count(None).as_("step_0")]
        for number in range(1, len(conjuncts) + 1):
            kept = exp.and_(*conjuncts[:number])
            counts.append(_count(kept).as_(f"step_{number}"))
        counted = select.copy()
        counted.set("where", None)
        counted.set("order", None)
        counted.set("expressions", counts)
        if select is not tree:
            before = [cte.copy() for cte in tree.ctes if cte.this is not select]
            for cte in before:
                counted = counted.with_(cte.alias, as_=cte.this, dialect=DIALECT)
        return counted.sql(DIALECT)


def _days(today: dt.date) -> dict[str, object]:
    """The macros of dbt_project/macros/settings.sql, for DuckDB."""

    def day(days: int) -> str:
        return f"cast('{(today + dt.timedelta(days=int(days))).isoformat()}' as date)"

    return {
        "as_of": lambda: day(0),
        "days_after": lambda days, date: f"cast({date} + interval '{int(days)} day' as date)",
        "days_ago": lambda days: day(-days),
        "days_ahead": day,
    }


def _parsed(sql: str) -> exp.Select:
    try:
        trees = [tree for tree in parse(sql, dialect=DIALECT) if tree is not None]
    except ParseError as error:
        problem = error.errors[0] if error.errors else {}
        raise DefinitionError(
            f"this is no SQL: {problem.get('description', 'it ends too early')} "
            f"in line {problem.get('line', 1)}"
        ) from None
    if len(trees) != 1 or not isinstance(trees[0], exp.Select):
        raise DefinitionError("a segment is one SELECT")
    return trees[0]


def _narrowing(tree: exp.Select) -> exp.Select:
    """The SELECT whose WHERE defines the segment: a `select * from final` stands for `final`."""
    ctes = {cte.alias: cte.this for cte in tree.ctes}
    tables = [source.name for source in tree.find_all(exp.Table) if source.parent_select is tree]
    is_passed_on = tree.is_star and tree.args.get("where") is None and len(tables) == 1
    inner = ctes.get(tables[0]) if is_passed_on else None
    found = inner if isinstance(inner, exp.Select) else tree
    if any(found.args.get(part) for part in ("group", "distinct", "having", "limit")):
        return exp.select("*").from_(found.subquery("counted"))
    return found


def _conjuncts(where: exp.Expression | None) -> list[exp.Expression]:
    """The parts of a WHERE that are joined by AND."""
    if where is None:
        return []
    condition = where.this
    return list(condition.flatten()) if isinstance(condition, exp.And) else [condition]


def _count(condition: exp.Expression | None) -> exp.Expression:
    everything = exp.Count(this=exp.Star())
    if condition is None:
        return everything
    return exp.Filter(this=everything, expression=exp.Where(this=condition.copy()))
