"""A segment that nobody has saved: its clauses, its size, and what is wrong with it."""

from __future__ import annotations

import datetime as dt

import duckdb
import pytest

from kindred.segments import Definition, DefinitionError, preview
from kindred.segments.preview import CHANNELS

TODAY = dt.date(2026, 11, 1)
SEGMENT = """
-- owners who were not in the workshop
select
    customer_id,
    'because' as entered_reason,
    {{ as_of() }} as since
from {{ ref('customer_traits') }}
where
    cars > 0
    and (last_service_at is null or last_service_at < {{ days_ago(365) }})
    and age >= 30
"""


@pytest.fixture
def gold():
    """Six customers; a, b and c own cars, c was served lately, b is young."""
    allowed = ", ".join(
        f"customer_id <> 'a' as {channel}_marketing_allowed" for channel in CHANNELS
    )
    with duckdb.connect() as connection:
        connection.execute(f"""
            create table customer_traits as select *, {allowed} from (values
                ('a', 1, null, 40), ('b', 2, null, 20), ('c', 1, timestamp '2026-10-01', 50),
                ('d', 0, null, 60), ('e', 1, timestamp '2025-01-01', 70), ('f', 0, null, null)
            ) as people (customer_id, cars, last_service_at, age)""")
        connection.execute("""
            create table fct_segment_members as select * from (values
                ('a', 'old'), ('e', 'old'), ('b', 'young'), ('a', 'wide'), ('d', 'wide')
            ) as members (customer_id, segment)""")
        yield connection


def rendered(text: str) -> Definition:
    return Definition.render(text, TODAY)


def test_each_clause_narrows_it(gold):
    found = preview(gold, rendered(SEGMENT))
    assert found.steps == [
        ("everybody", 6),
        ("cars > 0", 4),
        ("last_service_at IS NULL OR last_service_at < '2025-11-01'", 3),
        ("age >= 30", 2),
    ]
    assert (found.members, found.customers) == (2, 6)


def test_channels_count_who_may_be_contacted(gold):
    assert preview(gold, rendered(SEGMENT)).channels == dict.fromkeys(CHANNELS, 1)


def test_saved_segments_with_the_same_people_come_first(gold):
    found = preview(gold, rendered(SEGMENT)).similar
    assert [row[:2] for row in found] == [("old", 2), ("wide", 1)]
    assert [row[2] for row in found] == pytest.approx([1.0, 1 / 3])


def test_a_segment_of_several_steps_is_read_where_it_narrows(gold):
    text = """
        with owners as (select * from {{ ref('customer_traits') }} where cars > 0),
        final as (
            select owners.customer_id from owners
            left join {{ ref('fct_segment_members') }} as members
                on owners.customer_id = members.customer_id and members.segment = 'young'
            where members.segment is null and owners.age > 45
        )
        select * from final
    """
    found = preview(gold, rendered(text))
    assert [left for _, left in found.steps] == [4, 3, 2]
    assert rendered(text).tables == ("customer_traits", "fct_segment_members")


def test_a_segment_without_conditions_is_everybody(gold):
    text = "select customer_id from {{ ref('customer_traits') }}"
    assert preview(gold, rendered(text)).steps == [("everybody", 6)]


def test_a_grouped_segment_counts_its_groups(gold):
    text = "select customer_id from {{ ref('fct_segment_members') }} group by 1 having count(*) > 1"
    found = preview(gold, rendered(text))
    assert found.members == 1
    assert found.steps == [("everybody", 1)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("select customer_id from {{ source('a', 'b') }}", "source"),
        ("select customer_id fro {{ ref('customer_traits') }} whre", "no SQL|Catalog|Parser"),
        ("delete from customer_traits", "one SELECT"),
        ("select 1; select 2", "one SELECT"),
        ("select customer_id from {{ ref('customer_traits') }} where shoe_size > 4", "shoe_size"),
        ("select age from {{ ref('customer_traits') }}", "customer_id"),
        ("{% for %}", "known here"),
    ],
)
def test_what_is_wrong_is_said(gold, text, message):
    with pytest.raises(DefinitionError, match=message):
        preview(gold, rendered(text))


def test_days_count_from_the_day_asked():
    text = "select {{ days_after(3, 'x') }}, {{ days_ahead(1) }} from {{ ref('t') }} where y < 1"
    assert "2026-11-02" in rendered(text).sql
