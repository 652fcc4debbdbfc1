"""Making the company: every part in its order, in a temporary folder that is renamed at the end.

Belongs here: the order of the parts, and what makes creation all or nothing.
Does not belong here: the parts.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass
from pathlib import Path

from ingestion.sandbox.company import (
    behaviour,
    cars,
    crm,
    dynamics365,
    email_platform,
    erp,
    magento,
    memberships,
    partners,
    people,
    registers,
    salesforce,
    sap_commerce,
    shopping,
    text,
    truth,
    web,
)

VERSION = 2
DESCRIPTION = "company.json"
LEAST_PEOPLE = 50


class CompanyError(RuntimeError):
    """The folder holds something else, or the company cannot be made as asked."""


@dataclass(frozen=True)
class Company:
    """What `company.json` says."""

    people: int
    seed: int
    version: int
    as_of: str


@dataclass(frozen=True)
class Creation:
    """`created` is False when the same company was already there; `rows` counts by table."""

    company: Company
    created: bool
    rows: dict[str, int]


def create(folder: Path, count: int, seed: int) -> Creation:
    """Make the company of `count` people in `folder`, or find that it is there.

    Raises CompanyError when `folder` holds another company or anything else.
    """
    if count < LEAST_PEOPLE:
        raise CompanyError(f"a sandbox company needs at least {LEAST_PEOPLE} people, not {count}")
    if not 0 <= seed < 2**32:
        raise CompanyError(f"the seed must lie between 0 and {2**32 - 1}, not {seed}")
    wanted = Company(count, seed, VERSION, str(people.AS_OF))
    folder = folder.expanduser().resolve()
    if folder.exists() and any(folder.iterdir()):
        found = _found(folder)
        if found != wanted:
            raise CompanyError(
                f"{folder} holds another company ({_words(found)}); wanted: {_words(wanted)}. "
                "Remove the folder or choose another"
            )
        return Creation(wanted, False, {})
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(parents=True)
    rows = _make(unfinished, count, seed)
    (unfinished / DESCRIPTION).write_text(json.dumps(asdict(wanted), indent=2) + "\n")
    if folder.exists():
        folder.rmdir()
    unfinished.replace(folder)
    return Creation(wanted, True, rows)


def _found(folder: Path) -> Company:
    path = folder / DESCRIPTION
    try:
        return Company(**json.loads(path.read_text()))
    except FileNotFoundError:
        raise CompanyError(f"{folder} is not empty and holds no {DESCRIPTION}") from None
    except (ValueError, TypeError) as error:
        raise CompanyError(f"{path} cannot be read: {error}") from error


def _words(company: Company) -> str:
    return f"{company.people} people, seed {company.seed}, version {company.version}"


def _make(folder: Path, count: int, seed: int) -> dict[str, int]:
    systems, files = folder / "systems", folder / "files"
    crowd = people.populate(seed, count)
    members = memberships.enrol(seed, crowd)
    driven = cars.order_cars(seed, crowd, members)
    acts = behaviour.simulate(seed, crowd, members, driven)
    rows: dict[str, int] = {}

    def note(system: str, counts: dict[str, int]) -> None:
        rows.update({f"{system}.{table}": number for table, number in counts.items()})

    keys: dict[str, list] = {}
    ledger = erp.write(seed, files, crowd, members, driven)
    note("dealer_erp", ledger.counts)
    keys["dealer_erp"] = [(ledger.customer_number, ledger.who)]
    for system, module in (("dynamics365", dynamics365), ("salesforce", salesforce)):
        told = crm.tell(text.stream(seed, f"crm {system}"), system, crowd, members, driven)
        found, counts = module.write(seed, systems / system, crowd, told)
        note(system, counts)
        contact, contact_who, lead, lead_who = (getattr(found, name) for name in vars(found))
        keys[system] = [(contact, contact_who), (lead, lead_who)]
    bought = shopping.purchases(seed, acts)
    old, counts = magento.write(
        seed, files / "magento", crowd, members.records["magento"], bought.part(bought.in_old_shop)
    )
    note("magento", counts)
    keys["magento"] = [(old.key, old.who)]
    known = web.browsers(seed, crowd, members)
    shop, counts = sap_commerce.write(
        seed, systems / "sap_commerce", crowd, members, behaviour=acts,
        bought=bought.part(~bought.in_old_shop), cookies=known.cookies(),
    )  # fmt: skip
    note("sap_commerce", counts)
    keys["sap_commerce"] = [(shop.customer_id, shop.who)]
    account = members.records["sap_commerce"].first_of
    visitors, seen = web.write(
        seed, files / "web_events", acts, known, customers=shop, first_customer=account
    )
    note("web_events", {"events": seen})
    keys["web_events"] = [(visitors.anonymous_id, visitors.who)]
    mail, counts = email_platform.write(
        seed, systems / "email_platform", crowd, members, behaviour=acts, shop=shop
    )
    note("email_platform", counts)
    keys["email_platform"] = [(mail.contact_id, mail.who)]
    counts, meant = registers.write(seed, files / "registers", crowd)
    note("registers", counts)
    holders, counts = partners.write(
        seed,
        files / "partners",
        crowd,
        members.records["partners"],
        vehicles=driven.vehicles,
        vin=ledger.vin,
    )
    note("partners", counts)
    keys["partners"] = [(holders.holder_id, holders.who)]
    note("truth", truth.write(folder / "truth", crowd, keys, meant))
    return rows
