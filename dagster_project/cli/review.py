"""`kindred review`: what stewards may look at, both sides beside each other, and what they decide.

Belongs here: reading and showing the list, saying a decision. Does not belong here: what comes onto
it (kindred/identity) and keeping decisions (kindred/ledger).
"""

from __future__ import annotations

import datetime as dt
from typing import Annotated, Any

import duckdb
import pyarrow.parquet as pq
import typer

from dagster_project import matching
from dagster_project.cli import console, deciding, steward
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from dagster_project.register_matching import FOLDER
from kindred.identity.registers import review_id
from kindred.ledger import DecisionError, Ledger
from kindred.ledger.decisions import DIFFERENT, SAME
from kindred.ledger.registers import ACCEPTED, REJECTED
from kindred.settings import Settings

VALUES = (
    "given_name",
    "family_name",
    "birth_date",
    "email",
    "phone",
    "street",
    "house_number",
    "postal_code",
    "city",
)
"""What is shown of a record, of the columns that it has."""
PAIR, CLUSTER, REGISTER = "pair", "cluster", "register"
MEANING = {
    ACCEPTED: "{} is about customer {} from now on.",
    REJECTED: "{} is not about customer {}, and isn't asked again while the entry stays as it is.",
}

Limit = Annotated[int, typer.Option(min=1, help="Rows to show; --json has all of them.")]
Id = Annotated[str, typer.Argument(help="The id that `kindred review` shows.", show_default=False)]

group = typer.Typer()
app.add_typer(group, name="review")


@group.callback(invoke_without_command=True)
def review(context: typer.Context, *, limit: Limit = 20, json_file: JsonFile = None) -> None:
    """List what stewards may look at: register entries, held clusters, pairs that nearly match.

    Decide with `kindred review accept ID` or `reject ID`; it holds at once. Ask `kindred explain A
    B` first about a pair of records.
    """
    if context.invoked_subcommand:
        return
    settings = console.settings()
    try:
        rows = _of_registers(settings) + _of_identity(settings)
    except matching.NotReadyError as error:
        console.fail(str(error))
    console.save_json(rows, json_file)
    if not rows:
        console.out().print("There is nothing to review.")
        return
    title = f"To review: {len(rows):,}" + (f", the first {limit}" if len(rows) > limit else "")
    console.show([_shown(row) for row in rows[:limit]], title, None)
    console.out().print(
        "Decide: kindred review accept ID --why TEXT, or reject. A register entry (A) is accepted "
        "when it means that customer (B), a pair when it is one person. More about a pair: kindred "
        "explain A B; about a customer: kindred explain B."
    )


@group.command()
def accept(
    named: Id, why: deciding.Why, who: deciding.Who = None, later: deciding.Later = False
) -> None:
    """Decide that it is so: the entry means that customer, or the two are one person."""
    _decide(named, why, who, is_so=True, later=later)


@group.command()
def reject(
    named: Id, why: deciding.Why, who: deciding.Who = None, later: deciding.Later = False
) -> None:
    """Decide that it isn't so. Of a match that was made, too: then it has no effect any more."""
    _decide(named, why, who, is_so=False, later=later)


def _decide(named: str, why: str, who: str | None, *, is_so: bool, later: bool) -> None:
    settings = console.settings()
    with Ledger.open(settings.ledger) as ledger:
        about = _entry(settings, ledger, named)
        if about is not None:
            verdict = ACCEPTED if is_so else REJECTED
            _decide_entry(ledger, about, verdict, why, deciding.name_of(who))
    if about is not None:
        deciding.honour(settings, deciding.GOLDEN, later=later)
        return
    pair = _identity_review(settings, named)
    if pair["kind"] == CLUSTER:
        console.fail(
            f"{named} is a whole cluster ({pair['reason']}): say which of its records are one "
            "person, with `kindred link A B` or `kindred split A B`"
        )
    verdict = SAME if is_so else DIFFERENT
    decision = steward.decide(pair["record_id_1"], pair["record_id_2"], verdict, why, who)
    deciding.honour(settings, deciding.IDS, later=later, decision=decision)


def _decide_entry(ledger: Ledger, about: dict[str, str], verdict: str, why: str, who: str) -> None:
    try:
        ledger.decide_entry(
            about["entry_id"],
            about["entry_digest"],
            about["record_id"],
            verdict,
            by=who,
            reason=why,
            at=dt.datetime.now(dt.UTC),
        )
    except DecisionError as error:
        console.fail(str(error))
    said = MEANING[verdict].format(about["entry_id"], about["customer_id"])
    console.out().print(said, markup=False)


def _entry(settings: Settings, ledger: Ledger, named: str) -> dict[str, str] | None:
    """The entry and the record that an id stands for: of the last run, or decided before."""
    path = settings.derived / FOLDER / "part-0.parquet"
    if path.exists():
        found = pq.read_table(path, filters=[("review_id", "=", named)]).to_pylist()
        if found and found[0]["customer_id"]:
            return found[0]
    for decided in ledger.entry_decisions().to_pylist():
        customer = ledger.customer_of(decided["record_id"])
        if customer and review_id(decided["entry_id"], customer) == named:
            return decided | {"customer_id": customer}
    return None


def _identity_review(settings: Settings, named: str) -> dict[str, Any]:
    try:
        reviews = matching.table(settings, "identity.fct_identity_reviews").to_pylist()
    except matching.NotReadyError as error:
        console.fail(str(error))
    for row in reviews:
        if row["review_id"] == named:
            return row
    console.fail(f"there is nothing to review by the id {named}; `kindred review` lists the ids")


def _of_registers(settings: Settings) -> list[dict[str, Any]]:
    """Register entries to review, the surest first, deaths before the others."""
    rows = matching.table(settings, "contactability.fct_register_reviews").to_pylist()
    rows.sort(key=lambda row: (row["register"] != "deceased", -row["weight"], row["review_id"]))
    return [_of_register(row) for row in rows]


def _of_register(row: dict[str, Any]) -> dict[str, Any]:
    """A register's review in the columns of the list: A is the entry, B the customer."""
    entry = {name: row.get(f"entry_{name}") for name in VALUES}
    entry["given_name"] = row["entry_given_names"]
    return {
        "review_id": row["review_id"],
        "kind": REGISTER,
        "register": row["register"],
        "record_id_1": row["entry_id"],
        "record_id_2": row["customer_id"],
        "probability": row["probability"],
        "reason": f"{row['reason']}: {row['evidence']}",
        "effective_on": row["effective_on"],
        **{f"{name}_1": entry[name] for name in VALUES},
        **{f"{name}_2": row[name] for name in VALUES},
    }


def _of_identity(settings: Settings) -> list[dict[str, Any]]:
    """The reviews, held clusters first, with the values of their records."""
    reviews = matching.table(settings, "identity.fct_identity_reviews")
    records = matching.table(settings, "identity.int_identity__records")
    values = [name for name in VALUES if name in records.column_names]
    sides = ", ".join(f"{side}.{name} as {name}_{n}" for n, side in _SIDES for name in values)
    with duckdb.connect() as connection:
        connection.register("reviews", reviews)
        connection.register("records", records)
        query = f"""
            select reviews.*, {sides} from reviews
            left join records as one on one.record_id = reviews.record_id_1
            left join records as other on other.record_id = reviews.record_id_2
            order by kind, probability desc, record_count desc, review_id
        """  # noqa: S608 (built from constants)
        return connection.sql(query).to_arrow_table().to_pylist()


_SIDES = ((1, "one"), (2, "other"))


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    kind = row["kind"]
    if kind == REGISTER:
        on = f" ({row['effective_on']})" if row["effective_on"] else ""
        kind = row["register"].replace("_", " ") + on
    return {
        "id": row["review_id"],
        "kind": kind,
        "probability": row["probability"],
        **{("A", "B")[n - 1]: _person(row, n) for n, _ in _SIDES},
        "reason": row["reason"] + (f" ({row['record_count']})" if row["kind"] == CLUSTER else ""),
    }


def _person(row: dict[str, Any], side: int) -> str | None:
    """A record id and its values, below each other."""
    if row[f"record_id_{side}"] is None:
        return None
    found = {name: row.get(f"{name}_{side}") for name in VALUES}
    lines = [
        ("given_name", "family_name"),
        ("birth_date",),
        ("email",),
        ("phone",),
        ("street", "house_number"),
        ("postal_code", "city"),
    ]
    texts = (" ".join(str(found[name]) for name in line if found[name]) for line in lines)
    return "\n".join([row[f"record_id_{side}"], *filter(None, texts)])
