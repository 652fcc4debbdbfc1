"""How long contactability takes for a million customers: made anew, and brought up to date.

    python -m benchmarks.contactability 1000000 --changed 0.01 --json results.json

Invented customers, consents, bounces and register matches stand where the models before would have
put them; dbt builds the models of contactability twice, the second time after a share of the
customers got another consent, and once more with nothing changed.

Belongs here: the measurement. Does not belong here: a claim; docs/explanation/contactability.md
holds the numbers.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import duckdb
from rich.console import Console
from rich.table import Table

from kindred.settings import PROJECT_ROOT

PROJECT = PROJECT_ROOT / "dbt_project"
AS_OF = "2026-11-01"
MODELS = (
    "fct_consents",
    "int_contactability__consents",
    "int_contactability__bounces",
    "int_contactability__registered_points",
    "int_contactability__stated",
    "int_contactability__facts",
    "fct_contactability",
)
INPUTS = """
create schema customers; create schema identity; create schema semantic;
create schema contactability;
create table customers.dim_customers as
select
    'kc_' || i as customer_id, if(i % 10 = 0, 'visitor', 'customer') as lifecycle,
    if(i % 9 > 0, 'person' || i || '@mail.example', null) as email,
    if(i % 4 > 0, '+316' || lpad(i::varchar, 8, '0'), null) as phone,
    'Street' as street, (i % 300)::varchar as house_number,
    if(i % 3 > 0, lpad((i % 9999)::varchar, 4, '0') || 'AB', null) as postal_code,
    'City' as city, 'NL' as country_code, date '1950-01-01' + (i % 22000)::integer as birth_date,
    i % 100 = 7 as deceased, if(i % 100 = 7, date '2026-01-01', null) as deceased_on,
    i % 100 = 8 as address_lost, if(i % 100 = 8, date '2026-02-01', null) as moved_on,
    timestamp '2024-01-01' + to_days((i % 900)::integer) as first_seen_at
from range($n) as r (i);
create table identity.int_identity__person_map as
select 'a:' || i as record_id, 'kc_' || i as customer_id, 1 as cluster_size from range($n) as r (i);
create table identity.int_identity__records as
select
    'a:' || i as record_id, if(i % 9 > 0, 'person' || i || '@mail.example', null) as email_key,
    if(i % 4 > 0, '316' || lpad(i::varchar, 8, '0'), null) as phone_key
from range($n) as r (i);
create table semantic.consents as
select
    'c' || i || '-' || k as consent_id, 'a:' || i as record_id, 'shop' as source_system,
    if(k = 0, 'person' || i || '@mail.example', null) as contact_point,
    ['email', 'post', 'sms'][k + 1] as channel,
    ['marketing', 'marketing', 'third_party'][k + 1] as purpose,
    if((i + k) % 5 = 0, 'withdrawn', 'granted') as status,
    timestamp '2024-01-01' + to_days(((i * 7 + k) % 1000)::integer) as stated_at,
    'form' as evidence
from range($n) as r (i), range(3) as s (k)
where (i + k) % 2 = 0;
create table semantic.email_events as
select
    'person' || (i * 50) || '@mail.example' as email,
    if(i % 5 = 0, 'complaint', 'bounce_hard') as event_type,
    timestamp '2026-03-01' as occurred_at
from range($n // 50) as r (i);
create table semantic.register_entries as
select
    'e' || i as entry_id, 'do_not_contact' as register, 'add' as action,
    '+316' || lpad((i * 40)::varchar, 8, '0') as phone, null::varchar as email,
    'post|phone' as channels, date '2025-01-01' as effective_on, date '2025-01-01' as recorded_on
from range($n // 40) as r (i);
create table contactability.int_contactability__register_matches as
select
    entry_id, register, 'kc_' || (substr(entry_id, 2)::bigint * 40) as customer_id,
    'matched' as outcome, channels, effective_on, recorded_on
from semantic.register_entries;
create table contactability.consent_validity as
select * from (values ('marketing', null::integer), ('third_party', 24)) as v (purpose, months);
"""


def main() -> None:
    """Measure, print one table, and perhaps keep it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("customers", type=int, nargs="*", default=[100_000, 1_000_000])
    parser.add_argument("--changed", type=float, default=0.01, help="share that changes")
    parser.add_argument("--json", type=Path, help="also write the rows of the table here")
    options = parser.parse_args()
    rows: list[dict[str, Any]] = []
    for customers in options.customers:
        with tempfile.TemporaryDirectory(prefix="kindred-bench-") as folder:
            rows += measure(customers, options.changed, Path(folder))
    Console().print(table(rows))
    if options.json:
        options.json.write_text(json.dumps(rows, indent=1))


def measure(customers: int, changed: float, home: Path) -> list[dict[str, Any]]:
    """Three builds: made anew, after a share changed, after nothing changed."""
    os.environ |= {"KINDRED_HOME": str(home), "KINDRED_AS_OF": AS_OF}
    os.environ.pop("KINDRED_SOURCES", None)
    warehouse = home / "warehouse.duckdb"
    with duckdb.connect(warehouse) as con:
        for statement in filter(str.strip, INPUTS.replace("$n", str(customers)).split(";")):
            con.execute(statement)
    rows = [build("made anew", customers, warehouse)]
    with duckdb.connect(warehouse) as con:
        con.execute(
            """
            insert into semantic.consents
            select 'new' || record_id, record_id, 'shop', null, 'post', 'marketing', 'withdrawn',
                timestamp '2026-10-01', 'letter'
            from identity.int_identity__person_map where hash(record_id) % 10000 < $1 * 10000
            """,
            [changed],
        )
    rows.append(build(f"after {changed:.0%} changed", customers, warehouse))
    rows.append(build("after nothing changed", customers, warehouse))
    return rows


def build(what: str, customers: int, warehouse: Path) -> dict[str, Any]:
    """One build of the models of contactability; how long the last, large one took of it."""
    folder = warehouse.parent / "dbt"
    dbt = [str(Path(sys.executable).with_name("dbt")), "--quiet", "run", "--select", *MODELS]
    project = ["--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)]
    written = ["--target-path", str(folder), "--log-path", str(folder)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([*dbt, *project, *written], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    results = json.loads((folder / "run_results.json").read_bytes())["results"]
    seconds = {r["unique_id"].rpartition(".")[2]: r["execution_time"] for r in results}
    with duckdb.connect(warehouse, read_only=True) as con:
        counted = "select count(*) from contactability.fct_contactability"
        [(rows,)] = con.execute(counted).fetchall()
    used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {
        "customers": customers,
        "what": what,
        "rows": rows,
        "fct_contactability, s": round(seconds["fct_contactability"], 1),
        "what leads to it, s": round(sum(seconds.values()) - seconds["fct_contactability"], 1),
        "CPU s, dbt's start included": round(used, 1),
        "peak MiB": after.ru_maxrss // 1024,
    }


def table(rows: list[dict[str, Any]]) -> Table:
    """The rows as a table for people."""
    found = Table(title="Contactability", title_justify="left")
    for name in rows[0]:
        found.add_column(name, justify="left" if name == "what" else "right")
    for row in rows:
        found.add_row(*(f"{v:,}" if isinstance(v, int | float) else v for v in row.values()))
    return found


if __name__ == "__main__":
    main()
