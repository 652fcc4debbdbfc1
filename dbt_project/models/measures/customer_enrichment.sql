-- What partners and data providers add to a profile, as long as we may use it: a fact whose licence
-- or policy has ended leaves on its day, and with it whatever was built on it. Where two facts say
-- the same thing, the one that came true last wins, a partner's own before a bought one.
with

enrichment as (
    select * from {{ ref('enrichment') }}
    where
        coalesce(valid_from, {{ as_of() }}) <= {{ as_of() }}
        and coalesce(valid_until, {{ as_of() }}) >= {{ as_of() }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

customers as (
    select
        customer_id,
        country_code || '|' || postal_code as postal_key
    from {{ ref('dim_customers') }}
    where lifecycle <> 'visitor'
),

of_customers as (
    select
        people.customer_id,
        enrichment.*
    from enrichment
    inner join people
        on enrichment.key_value = people.record_id
    where enrichment.key_type = 'record'

    union all

    select
        customers.customer_id,
        enrichment.*
    from enrichment
    inner join customers
        on enrichment.key_value = customers.postal_key
    where enrichment.key_type = 'postal_code'
),

ranked as (
    select
        *,
        row_number() over (
            partition by customer_id, attribute
            order by valid_from desc nulls last, data_party asc, enrichment_id asc
        ) as place
    from of_customers
),

final as (
    select
        customer_id,
        attribute,
        value,
        data_party,
        source_system,
        key_type as known_by,
        enrichment_id,
        valid_from,
        valid_until
    from ranked
    where place = 1
)

select * from final
