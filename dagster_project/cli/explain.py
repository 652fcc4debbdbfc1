"""`kindred explain`: why records are or are not one person, as tables and as a picture.

Belongs here: whom is meant, and showing. Does not belong here: the explanation
(kindred/identity/explanation.py).
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from dagster_project import golden, matching
from dagster_project.cli import console
from dagster_project.cli.commands import app
from dagster_project.cli.console import JsonFile
from kindred.identity import InputError, RulesError
from kindred.identity.evidence import LEFT_ALONE
from kindred.identity.explanation import THRESHOLD, chain, words
from kindred.ledger import Ledger
from kindred.settings import Settings

if TYPE_CHECKING:
    from kindred.identity.explanation import Explainer, Verdict

MOST_LINKS = 12
MOST_PANELS = 6
LATER = "The last run didn't see it so; the next `kindred run` may change that."
TAKEN_IN = (
    "But one of them was left alone by all others, and most people aren't: it joined the other."
)
SHOWN = ("birth date", "email", "phone", "address")

Picture = Annotated[
    Path | None,
    typer.Option(
        "--picture",
        metavar="FILE",
        help="Also draw the sums, as .svg or .png.",
        callback=console.place,
    ),
]


@app.command()
def explain(
    someone: Annotated[str, typer.Argument(help="Customer id or record id.")],
    other: Annotated[str | None, typer.Argument(help="Another one: why (not) one person?")] = None,
    *,
    json_file: JsonFile = None,
    picture: Picture = None,
) -> None:
    """Explain a customer's records, links and golden values, or why two are (not) one person.

    It judges by the rules, decisions and weights of now; golden values and where they come from are
    those of the last run. A retired customer id stands for its successor. Two customers are
    explained by the records of theirs that match best.
    """
    if picture is not None:
        _check_suffix(picture)
        console.check_files({"the picture": picture, "the table": json_file})
    settings = console.settings()
    with Ledger.open(settings.ledger) as ledger:
        try:
            explainer = matching.explainer(settings, ledger)
        except (matching.NotReadyError, InputError, RulesError) as error:
            console.fail(str(error))
        found = _Explained(settings, ledger, explainer)
        try:
            if other is None:
                panels, content = found.customer(someone)
            else:
                panels, content = found.two(someone, other)
        except matching.NotReadyError as error:
            console.fail(str(error))
    console.save_json(content, json_file)
    if picture is not None:
        _draw(panels, picture)


class _Explained:
    """Shows what the explainer says about those who are named."""

    def __init__(self, settings: Settings, ledger: Ledger, explainer: Explainer) -> None:
        self.settings = settings
        self.ledger = ledger
        self.explainer = explainer

    def customer(self, named: str) -> tuple[list[Verdict], dict[str, Any]]:
        """Show one customer: what can be drawn, and all as JSON."""
        customer_id = self.ledger.customer_of(named) or self.ledger.resolve_id(named)
        if customer_id == named and self.explainer.known([named]):
            console.fail(_without_customer([named]))
        members = self._members(customer_id)
        profile, values = self._golden(customer_id)
        records = self.explainer.records(members).to_pylist()
        title = f"Its {len(members)} records as matching reads them"
        console.show([_person(row) for row in records], title, None)
        links = self._links(members)
        verdicts = self.explainer.pairs(list(links))
        verdicts.sort(key=lambda found: -found.weight)
        if verdicts:
            title = f"Its {len(verdicts)} links" + (
                f", the {MOST_LINKS} surest" if len(verdicts) > MOST_LINKS else ""
            )
            console.show([_link(found, links) for found in verdicts[:MOST_LINKS]], title, None)
            console.out().print("In bits: each one doubles the odds. For one pair: explain A B.")
        content = {
            "customer_id": customer_id,
            "profile": profile,
            "provenance": values,
            "records": records,
            "links": [_as_json(found) for found in verdicts],
        }
        return _best_of_each(verdicts), content

    def _golden(self, customer_id: str) -> tuple[dict[str, Any] | None, list[dict[str, Any]]]:
        """Show the golden record with where each value comes from; both as JSON."""
        profile = golden.record(self.settings, customer_id)
        if profile is None:
            console.out().print(f"{customer_id} has no golden record yet; `kindred run` makes it.")
            return None, []
        values = golden.provenance(self.settings, customer_id)
        title = f"Customer {customer_id}, {_lifecycle(profile)}: the golden record of the last run"
        console.show([_value(row) for row in values], title, None)
        return profile, values

    def two(self, a: str, b: str) -> tuple[list[Verdict], dict[str, Any]]:
        """Show two records, or the two of two customers that match best."""
        ours, theirs = self._meant(a), self._meant(b)
        pairs = [(one, other) for one in ours for other in theirs if one != other]
        if not pairs:
            console.fail(f"{a} and {b} are one record: name two")
        verdict = max(self.explainer.pairs(pairs), key=lambda found: (_stands(found), found.weight))
        one, other = verdict.record_id_1, verdict.record_id_2
        rows = [_shown(row, one, other) for row in verdict.steps.to_pylist()]
        if rows:
            console.show(rows, f"{one} and {other}, in bits (each doubles the odds)", None)
        said = self._said(verdict)
        console.out().print(said, markup=False)
        return [verdict], _as_json(verdict) | {"verdict": said}

    def _said(self, verdict: Verdict) -> str:
        """The verdict in a sentence, and what the run made of it."""
        one, other = verdict.record_id_1, verdict.record_id_2
        found = {record: self.ledger.customer_of(record) for record in (one, other)}
        customers = [customer for customer in found.values() if customer is not None]
        alone = f"{_sum(verdict)} ({verdict.rule})"
        if unknown := [record for record, customer in found.items() if customer is None]:
            person = "one person" if verdict.is_link else "not one person"
            return f"These two alone are {person}: {alone}. {_without_customer(unknown)}"
        if customers[0] == customers[1]:
            if verdict.is_link:
                return f"One person, customer {customers[0]}: {alone}."
            links = self._links(self._members(customers[0]))
            own = links.pop((one, other), "") + links.pop((other, one), "")
            if own.endswith(LEFT_ALONE) and not _stands(verdict):
                return f"These two alone are not one person: {alone}. {TAKEN_IN}"
            way = " - ".join(chain(sorted(links), one, other))
            others = f"Others connect them: {way}." if way else LATER
            return f"These two alone are not one person: {alone}. {others}"
        if not verdict.is_link:
            return f"Not one person (customers {customers[0]} and {customers[1]}): {alone}."
        return f"These two alone are one person: {alone}. {self._but(customers)}"

    def _but(self, customers: list[str]) -> str:
        """Why two customers are apart although two records of theirs match."""
        reviews = matching.table(self.settings, "identity.fct_identity_reviews").to_pylist()
        for row in reviews:
            if row["kind"] == "cluster" and row["customer_id"] in customers:
                return f"But their cluster is held for review: {row['reason']}."
        mean = self.explainer.mean_weight(*(self._members(name) for name in customers))
        if mean <= 0:
            return f"But all records of both together are not: {mean:.1f} bits on average."
        return LATER

    def _meant(self, named: str) -> list[str]:
        """The records that a name means: a record, or those of a customer."""
        return self.explainer.known([named]) or self._members(self.ledger.resolve_id(named))

    def _members(self, customer_id: str) -> list[str]:
        members = self.explainer.known(self.ledger.records_of(customer_id))
        if not members:
            console.fail(f"there is no record and no customer {customer_id} with records")
        return members

    def _links(self, members: list[str]) -> dict[tuple[str, str], str]:
        """The links of the last run between these records, and what made each."""
        links = matching.table(self.settings, "identity.fct_identity_links")
        inside = set(members)
        columns = (links[name].to_pylist() for name in ("record_id_1", "record_id_2", "rule"))
        found = sorted(zip(*columns, strict=True))
        return {(one, other): rule for one, other, rule in found if inside >= {one, other}}


def _without_customer(records: list[str]) -> str:
    """What to do about records that matching reads and the ledger doesn't know."""
    who = f"{' and '.join(records)} {'are' if len(records) > 1 else 'is'} no customer's yet"
    return f"{who}: start `kindred run`; when matching stops it, it says why and what to do."


def _stands(found: Verdict) -> bool:
    """A decision about the two stands over any weight."""
    return found.rule == "steward"


def _person(row: dict[str, Any]) -> dict[str, Any]:
    """A record in as many columns as a terminal is wide; its id begins with its source."""
    names = (row.get("given name"), row.get("middle name"), row.get("family name"))
    shown = {"record_id": row["record_id"], "name": " ".join(filter(None, names))}
    shown |= {name: row.get(name) for name in SHOWN}
    taken = {"source", "given name", "middle name", "family name", *shown}
    rest = [f"{name} {value}" for name, value in row.items() if value and name not in taken]
    return shown | {"also": ", ".join(rest)}


def _lifecycle(profile: dict[str, Any]) -> str:
    said = profile["lifecycle"].replace("_", " ")
    return (
        f"{said}, deceased {profile['deceased_on'] or ''}".rstrip() if profile["deceased"] else said
    )


def _value(row: dict[str, Any]) -> dict[str, Any]:
    """A golden value in as many columns as a terminal is wide."""
    rule = row["strategy"].replace("_", " ")
    if row["strategy"] == "pinned":
        rule = f"pinned by {row['pinned_by']}: {row['pin_reason']}"
    notes = [f"flagged: {row['issue'].replace('_', ' ')}"] if row["issue"] else []
    notes += ["stale"] if row["is_stale"] else []
    return {
        "attribute": row["attribute_group"].replace("_", " "),
        "golden value": row["value"] or "none",
        "from": row["record_id"],
        "rule": "; ".join([rule, *notes]),
        "rank": row["source_rank"] or None,
        "as of": f"{row['updated_at']:%Y-%m-%d}" if row["updated_at"] else None,
        "lost": "\n".join(_lost(row["lost"])) or None,
    }


def _lost(rows: list[dict[str, Any]]) -> list[str]:
    """Each other value once, the next best first, with the systems that say so."""
    said: dict[str, list[str]] = {}
    for row in rows:
        if row["is_another_value"]:
            flag = f", {row['issue'].replace('_', ' ')}" if row["issue"] else ""
            said.setdefault(row["value"] + flag, []).append(row["source_system"])
    return [f"{value} ({', '.join(dict.fromkeys(systems))})" for value, systems in said.items()]


def _link(found: Verdict, links: dict[tuple[str, str], str]) -> dict[str, Any]:
    is_taken_in = links[found.record_id_1, found.record_id_2].endswith(LEFT_ALONE)
    return {
        "records": f"{found.record_id_1}\n{found.record_id_2}",
        "probability": found.probability,
        "rule": found.rule,
        "because": f"{found.because}, {LEFT_ALONE}" if is_taken_in else found.because,
    }


def _shown(row: dict[str, Any], one: str, other: str) -> dict[str, Any]:
    weight, total = row["weight"], row["total"]
    return {
        "step": row["step"],
        one: row["value_1"],
        other: row["value_2"],
        "finding": row["finding"],
        "of matches": None if row["of_matches"] is None else f"{row['of_matches']:.1%}",
        "by chance": None if row["by_chance"] is None else _odds(row["by_chance"]),
        "bits": "decides" if weight is None else f"{weight:+.1f}" if _speaks(row) else None,
        "sum": None if total is None or not _speaks(row) else f"{total:+.1f}",
    }


def _speaks(row: dict[str, Any]) -> bool:
    """A field that is missing somewhere says nothing."""
    return row["kind"] != "field" or row["of_matches"] is not None or bool(row["weight"])


def _odds(share: float) -> str:
    return f"{share:.1%}" if share > 0.01 else f"1 in {float(f'{1 / share:.2g}'):,.0f}"


def _sum(found: Verdict) -> str:
    if abs(found.weight) == float("inf"):
        return "decided"
    of = " over the threshold" if THRESHOLD in found.steps["step"].to_pylist() else ""
    return f"{found.weight:+.1f} bits{of}, probability {found.probability:.4f}"


def _as_json(found: Verdict) -> dict[str, Any]:
    is_decided = abs(found.weight) == float("inf")
    return {
        "record_id_1": found.record_id_1,
        "record_id_2": found.record_id_2,
        "weight": None if is_decided else found.weight,
        "probability": found.probability,
        "rule": found.rule,
        "because": found.because,
        "steps": found.steps.to_pylist(),
    }


def _best_of_each(verdicts: list[Verdict]) -> list[Verdict]:
    """The surest link of each record, once each; the surest first."""
    best: dict[str, Verdict] = {}
    for found in verdicts:
        for record in (found.record_id_1, found.record_id_2):
            best.setdefault(record, found)
    chosen = {id(found): found for found in best.values() if found.steps.num_rows}
    return list(chosen.values())[:MOST_PANELS]


def _check_suffix(picture: Path) -> None:
    from dagster_project import pictures  # noqa: PLC0415 (drawing takes a second to load)

    if picture.suffix.lower() not in pictures.SUFFIXES:
        console.fail(f"{picture}: a picture is a file {' or '.join(pictures.SUFFIXES)}")


def _draw(verdicts: list[Verdict], picture: Path) -> None:
    from dagster_project import pictures  # noqa: PLC0415

    panels = []
    for found in verdicts:
        steps = [(words(row), row["weight"]) for row in found.steps.to_pylist() if _speaks(row)]
        if steps:
            panels.append((f"{found.record_id_1}\n{found.record_id_2}: {_sum(found)}", steps))
    if not panels:
        console.fail("there is nothing to draw: no link that adds up")
    pictures.save(pictures.waterfall(panels), picture)
    console.out().print(console.plain(f"Drawn in {picture}"))
