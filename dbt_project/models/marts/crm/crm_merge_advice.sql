-- Kindred merges no contact in a CRM: that can't be undone there, and its users own their rows.
with

keys as (
    select * from {{ ref('int_crm__destination_keys') }}
    where destination in ('dynamics365', 'salesforce')
),

customers as (
    select * from {{ ref('dim_customers') }}
),

links as (
    select * from {{ ref('fct_identity_links') }}
),

survivors as (
    select * from keys
    where survives
),

pairs as (
    select
        duplicates.destination,
        duplicates.destination_key as duplicate_key,
        survivors.destination_key as survivor_key,
        duplicates.customer_id,
        least(duplicates.record_id, survivors.record_id) as record_id_1,
        greatest(duplicates.record_id, survivors.record_id) as record_id_2,
        survivors.carries_our_id,
        duplicates.created_at as duplicate_created_at,
        survivors.created_at as survivor_created_at
    from keys as duplicates
    inner join survivors
        on
            duplicates.customer_id = survivors.customer_id
            and duplicates.destination = survivors.destination
    where not duplicates.survives and duplicates.is_active
),

final as (
    select
        pairs.destination,
        pairs.duplicate_key,
        pairs.survivor_key,
        pairs.customer_id,
        customers.given_name,
        customers.family_name,
        customers.email,
        customers.phone,
        case when pairs.carries_our_id then 'carries our key' else 'is the older one' end
            as survives_because,
        coalesce(links.rule, 'through other records') as matched_by,
        links.probability,
        pairs.duplicate_created_at,
        pairs.survivor_created_at
    from pairs
    inner join customers
        on pairs.customer_id = customers.customer_id
    left join links
        on
            pairs.record_id_1 = least(links.record_id_1, links.record_id_2)
            and pairs.record_id_2 = greatest(links.record_id_1, links.record_id_2)
)

select * from final
