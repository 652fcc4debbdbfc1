-- The record of each customer in each system that Kindred writes to. When a system holds several
-- records of one person, the one that already carries our customer id stays; failing that the
-- oldest. Neither changes because Kindred writes to it, so the choice is the same tomorrow.
with

people as (
    select * from {{ ref('bridge_customer_records') }}
),

contacts as (
    select * from {{ ref('destination_contacts') }}
),

candidates as (
    select
        people.customer_id,
        contacts.source_system as destination,
        contacts.destination_key,
        contacts.record_id,
        contacts.email,
        contacts.created_at,
        contacts.is_active,
        coalesce(contacts.kindred_id = people.customer_id, false) as carries_our_id,
        row_number() over (
            partition by people.customer_id, contacts.source_system
            order by
                case when contacts.kindred_id = people.customer_id then 0 else 1 end,
                contacts.created_at nulls last,
                contacts.record_id
        ) as place
    from contacts
    inner join people
        on contacts.record_id = people.record_id
),

final as (
    select
        customer_id,
        destination,
        destination_key,
        record_id,
        email,
        created_at,
        carries_our_id,
        is_active,
        place = 1 as survives
    from candidates
)

select * from final
