"""What customers, contactability and the CRM's mart read, made by arithmetic: fast, of any size.

Three records a person in four systems, some more complete than others, with differing phones and
addresses, and a few values that can't be. Orders, cars, leads and tasks are those of
benchmarks/understanding_tables.py.

Belongs here: tables with plausible sizes and spreads, and the change of a day. Does not belong
here: the measurement (benchmarks/customers.py).
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks import understanding_tables
from benchmarks.model_builds import Generated
from benchmarks.understanding_data import make_scores
from benchmarks.understanding_tables import FIRST, NOW
from kindred.identity.registers import MATCHES
from kindred.ledger.pins import PINS

SHARED = (
    *("orders", "vehicles", "service_visits", "opportunities", "surveys", "web_events"),
    *("email_events", "order_status_changes", "leads", "tasks"),
)
REGISTERED = 25
"""One in so many people stands on a register."""
PERSON = "(i // 3)"
KIND = "(['web', 'mail', 'erp'])[1 + i % 3]"
SYLLABLES = ("van", "jan", "ber", "mei", "os", "ter", "sen", "ling", "hof", "dal", "ric", "mund")
HISTORY = {
    "order_placed": 2,
    "payment_made": 1,
    "service_visited": 1,
    "task_completed": 1,
    "email_sent": 7,
    "email_opened": 3,
    "web_page_viewed": 5,
}
"""Kinds of activity and their shares, in twentieths."""


def tables(people: int, events: int) -> Generated:
    """Model to schema, rows, and columns as expressions over the row number `i`."""
    shared = understanding_tables.tables(people, events)
    return {name: shared[name] for name in SHARED} | {
        "person_records": ("semantic", 3 * people, _person_records()),
        "destination_contacts": ("semantic", 3 * people, _destination_contacts()),
        "consents": ("semantic", 3 * people, _consents()),
        "email_events": _bouncing(shared["email_events"]),
        "order_status_changes": _expecting(shared["order_status_changes"]),
        "register_entries": ("semantic", people // REGISTERED, _register_entries()),
        "fct_identity_links": ("identity", 2 * people, _links()),
        "fct_activities": ("activities", events, _activities(people)),
        "fct_segment_members": (
            "segments",
            people,
            {"customer_id": "'kc_' || i", "segment": "'segment_' || i % 9", "since": NOW},
        ),
        "customer_measures": (
            "measures",
            people,
            {
                "customer_id": "'kc_' || i",
                "lifetime_revenue": "i % 5000",
                "orders": "i % 9",
                "last_order_at": NOW,
                "last_contact_at": NOW,
            },
        ),
    }


def _word(salt: int, of: str = PERSON) -> str:
    """Two syllables, of 144 pairs, that depend on a person."""
    listed = "[" + ", ".join(f"'{one}'" for one in SYLLABLES) + "]"
    pick = f"cast(hash({of} + {salt}) % 144 as bigint)"
    return f"({listed}[1 + {pick} % 12] || {listed}[1 + {pick} // 12])"


def _person_records() -> dict[str, str]:
    email = f"'p' || {PERSON} || '@mail.example'"
    phone = f"'+316' || lpad(cast(({PERSON} + (i % 3) * (i % 5)) % 100000000 as varchar), 8, '0')"
    has_address = f"i % 3 = 2 or (i % 3 = 0 and {PERSON} % 3 > 0)"
    # one in twenty has moved, and the shop does not know
    place = f"({PERSON} + case when i % 3 = 0 and {PERSON} % 20 = 0 then 7 else 0 end) // 2"
    address = {
        "street": _word(5, place) + " || 'straat'",
        "house_number": f"cast(1 + {place} % 300 as varchar)",
        "postal_code": f"cast(1000 + {place} // 300 % 9000 as varchar) || 'AB'",
        "city": _word(6, place),
        "country_code": "'NL'",
    }
    born = "date '1940-01-01' + cast(hash(i // 3) % 23000 as integer)"
    shop = f"case when {PERSON} % 10 = 0 then 'salesforce' else 'sap_commerce' end"
    trusted = f"(['dealer_erp', 'dynamics365', 'salesforce'])[1 + {PERSON} % 3]"
    located = {name: f"case when {has_address} then {value} end" for name, value in address.items()}
    return {
        **FIRST,
        **located,
        "record_id": f"{KIND} || ':' || {PERSON}",
        "source_system": f"case i % 3 when 0 then {shop} when 1 then 'email_platform' "
        f"else {trusted} end",
        "party_class": "(['visitor', 'lead', 'customer'])[1 + i % 3]",
        "given_name": f"case when i % 3 = 1 then left({_word(1)}, 1) else {_word(1)} end",
        "family_name": f"case when i % 12 <> 1 then {_word(2)} || {_word(3)} end",
        "birth_date": f"case when i % 3 <> 1 and i % 50 > 0 then {born} end",
        "birth_date_as_written": f"case when i % 3 <> 1 then cast({born} as varchar) end",
        "gender": f"case when i % 3 = 2 then (['male', 'female'])[1 + {PERSON} % 2] end",
        "email": f"case when i % 3 < 2 and i % 40 > 0 then {email} end",
        "email_as_written": f"case when i % 3 < 2 then {email} end",
        "phone": f"case when i % 3 <> 1 and i % 30 > 0 then {phone} end",
        "phone_as_written": f"case when i % 3 <> 1 then {phone} end",
        "language": f"case when i % 3 < 2 then (['nl', 'fr', 'de'])[1 + {PERSON} % 3] end",
        "company": f"case when i % 60 = 2 then {_word(7)} || ' b.v.' end",
        "created_at": f"{NOW} - to_days(cast(700 + hash(i) % 700 as integer))",
        "updated_at": f"{NOW} - to_minutes(cast(hash(i) % 1000000 as integer))",
    }


def _destination_contacts() -> dict[str, str]:
    """Two thirds of the people are in a CRM, one in thirty twice in the same one."""
    return FIRST | {
        "record_id": f"{KIND} || ':' || {PERSON}",
        "source_system": f"case when i % 3 = 1 then 'email_platform' when i % 3 = 0 "
        f"then case when {PERSON} % 10 = 0 then 'salesforce' end "
        f"else ([null, 'dynamics365', 'salesforce'])[1 + {PERSON} % 3] end",
        "destination_key": "'d' || i",
        "kindred_id": f"case when i % 3 = 2 then 'kc_' || {PERSON} end",
        "email": f"'p' || {PERSON} || '@mail.example'",
        "created_by_kindred": "false",
        "is_active": "true",
        "created_at": NOW,
    }


def _consents() -> dict[str, str]:
    channel = "(['email', 'post', 'sms'])[1 + i % 3]"
    purpose = "(['marketing', 'marketing', 'third_party'])[1 + i % 3]"
    return FIRST | {
        "consent_id": "'n' || i",
        "record_id": f"{KIND} || ':' || {PERSON}",
        "contact_point": f"case when i % 3 = 0 then 'p' || {PERSON} || '@mail.example' end",
        "channel": channel,
        "purpose": purpose,
        "status": "case when hash(i) % 5 = 0 then 'withdrawn' else 'granted' end",
        "stated_at": f"{NOW} - to_days(cast(hash(i + 1) % 1000 as integer))",
        "evidence": "'form'",
    }


def _bouncing(shared: tuple[str, int, dict[str, str]]) -> tuple[str, int, dict[str, str]]:
    """Email events with their address; one in a hundred is a hard bounce, fewer a complaint."""
    schema, rows, given = shared
    kind = f"case hash(i + 50) % 500 when 0 then 'complaint' when 1 then 'bounce_hard' " \
        f"when 2 then 'bounce_hard' else {given['event_type']} end"  # fmt: skip
    address = f"'p' || split_part({given['record_id']}, ':', 2) || '@mail.example'"
    return schema, rows, given | {"event_type": kind, "email": address}


def _expecting(shared: tuple[str, int, dict[str, str]]) -> tuple[str, int, dict[str, str]]:
    schema, rows, given = shared
    expected = "date '2026-08-20' + cast(i % 60 as integer)"
    return schema, rows, given | {"expected_on": f"case when i % 4 = 0 then {expected} end"}


def _register_entries() -> dict[str, str]:
    moved = "case when i % 4 = 1 then {} end"
    return FIRST | {
        "entry_id": "'e' || i",
        "register": "(['deceased', 'moved', 'do_not_contact', 'do_not_contact'])[1 + i % 4]",
        "action": "'add'",
        "phone": f"case when i % 4 > 1 then '+316' || lpad(cast(i * {REGISTERED} as varchar), 8, "
        "'0') end",
        "channels": "case when i % 4 > 1 then 'phone|post' end",
        "effective_on": "date '2025-01-01' + cast(i % 600 as integer)",
        "recorded_on": "date '2025-01-02' + cast(i % 600 as integer)",
        "new_street": moved.format(_word(8, "i")),
        "new_house_number": moved.format("'1'"),
        "new_postal_code": moved.format("'9999ZZ'"),
        "new_city": moved.format(_word(9, "i")),
        "new_country_code": moved.format("'NL'"),
    }


def _links() -> dict[str, str]:
    """The three records of a person, linked by two links."""
    return {
        "customer_id": "'kc_' || i // 2",
        "record_id_1": "'mail:' || i // 2",
        "record_id_2": "(['web', 'erp'])[1 + i % 2] || ':' || i // 2",
        "rule": "'scores'",
        "probability": "0.99",
    }


def _activities(people: int) -> dict[str, str]:
    listed = [name for name, share in HISTORY.items() for _ in range(share)]
    kinds = ", ".join(f"'{name}'" for name in listed)
    return {
        "activity_id": "'a' || i",
        "customer_id": f"'kc_' || hash(i) % {people}",
        "record_id": f"'erp:' || hash(i) % {people}",
        "activity_type": f"([{kinds}])[1 + i % {len(listed)}]",
        "channel": "'email'",
        "source_system": "'bench'",
        "data_party": "'first'",
        "occurred_at": f"{NOW} - to_minutes(cast(hash(i + 60) % 1000000 as integer))",
        "subject_id": "'s' || i % 100000",
        "amount": "case when i % 20 < 3 then i % 900 end",
        "detail": "'detail ' || i % 500",
    }


def make_decided(connection: duckdb.DuckDBPyConnection, people: int, derived: Path) -> None:
    """Write what Python would have decided: ids, register matches, a thousandth of pins, scores."""
    connection.execute("delete from semantic.destination_contacts where source_system is null")
    make_scores(connection, people, derived)
    for name in ("person_map", "register_matches", "pins"):
        (derived / name).mkdir(parents=True, exist_ok=True)
    connection.execute(
        f"copy (select {KIND} || ':' || {PERSON} as record_id, 'kc_' || {PERSON} as customer_id, "
        f"3 as cluster_size from range({3 * people}) as r(i)) "
        f"to '{derived / 'person_map' / 'part-0.parquet'}' (format parquet)"
    )
    numbers = range(people // REGISTERED)
    _write(derived, "register_matches", MATCHES, {
        "review_id": [f"r{n}" for n in numbers],
        "entry_id": [f"e{n}" for n in numbers],
        "customer_id": [f"kc_{n * REGISTERED}" for n in numbers],
        "record_id": [f"erp:{n * REGISTERED}" for n in numbers],
        "outcome": ["review" if n % 10 == 0 else "matched" for n in numbers],
    })  # fmt: skip
    pinned = range(0, people, 1000)
    _write(derived, "pins", PINS, {
        "pin_id": list(pinned),
        "customer_id": [f"kc_{n}" for n in pinned],
        "attribute_group": ["phone" for _ in pinned],
        "phone": ["+31699999999" for _ in pinned],
    })  # fmt: skip


def _write(derived: Path, name: str, schema: pa.Schema, given: dict[str, list[object]]) -> None:
    rows = len(next(iter(given.values())))
    columns = [pa.array(given.get(one.name, [None] * rows), one.type) for one in schema]
    table = pa.Table.from_arrays(columns, schema=schema)
    pq.write_table(table, derived / name / "part-0.parquet")


def a_day_later(connection: duckdb.DuckDBPyConnection, share: float) -> None:
    """A share of the people get another phone and address in one system, and as many withdraw."""
    chosen = f"hash(split_part(record_id, ':', 2)) % 10000 < {int(share * 10000)}"
    connection.execute(
        f"update semantic.person_records set phone = '+31688' || right(phone, 6), "
        f"house_number = '7', updated_at = {NOW} + interval 9 hour "
        f"where record_id like 'erp:%' and {chosen}"
    )
    connection.execute(
        f"insert into semantic.consents select * replace ('new' || consent_id as consent_id, "
        f"'withdrawn' as status, {NOW} + interval 9 hour as stated_at) "
        f"from semantic.consents where record_id like 'mail:%' and {chosen}"
    )
