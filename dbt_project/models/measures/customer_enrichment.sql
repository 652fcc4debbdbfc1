-- What partners and data providers add to a profile, as long as we may use it: a fact whose licence
-- or policy has ended leaves on its day, and with it whatever was built on it. Where two facts say
-- the same thing, the one about the person wins over the one about where he lives, then the newer.
-- A view: millions of rows say what some thousand places say, and writing them takes ten times as
-- long as reading them.
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

of_persons as (
    select *
    from (
        select
            people.customer_id,
            enrichment.*,
            row_number() over (
                partition by people.customer_id, enrichment.attribute
                order by enrichment.valid_from desc nulls last, enrichment.enrichment_id asc
            ) as place
        from enrichment
        inner join people
            on enrichment.key_value = people.record_id
        where enrichment.key_type = 'record'
    ) as ranked
    where place = 1
),

-- ranked before a million people are joined to some thousand places
places as (
    select *
    from (
        select
            *,
            row_number() over (
                partition by key_value, attribute
                order by valid_from desc nulls last, enrichment_id asc
            ) as place
        from enrichment
        where key_type = 'postal_code'
    ) as ranked
    where place = 1
),

of_places as (
    select
        customers.customer_id,
        places.*
    from places
    inner join customers
        on places.key_value = customers.postal_key
    left join of_persons
        on
            customers.customer_id = of_persons.customer_id
            and places.attribute = of_persons.attribute
    where of_persons.customer_id is null
),

of_customers as (
    select * from of_persons

    union all

    select * from of_places
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
    from of_customers
)

select * from final
