-- The record of each customer in each system that Kindred writes to. When a system holds several
-- records of one person, the one that already carries our customer id stays; failing that the
-- oldest. Neither changes because Kindred writes to it, so the choice is the same tomorrow.
with

people as (
    select * from {{ ref('bridge_customer_records') }}
),

records as (
    select
        record_id,
        created_at,
        lower(email) as email
    from {{ ref('person_records') }}
),

written_by_kindred as (
    select distinct
        record_id,
        identifier_value as customer_id
    from {{ ref('person_identifiers') }}
    where identifier_type = 'kindred_id'
),

candidates as (
    select
        people.customer_id,
        people.source_system as destination,
        people.source_key as destination_key,
        records.email,
        row_number() over (
            partition by people.customer_id, people.source_system
            order by
                case when written_by_kindred.record_id is not null then 0 else 1 end,
                records.created_at nulls last,
                people.record_id
        ) as place
    from people
    inner join records
        on people.record_id = records.record_id
    left join written_by_kindred
        on
            people.record_id = written_by_kindred.record_id
            and people.customer_id = written_by_kindred.customer_id
    where
        people.source_system = 'email_platform'
        or (people.source_system in ('dynamics365', 'salesforce') and people.party_class <> 'lead')
),

final as (
    select
        customer_id,
        destination,
        destination_key,
        email,
        place = 1 as survives
    from candidates
)

select * from final
