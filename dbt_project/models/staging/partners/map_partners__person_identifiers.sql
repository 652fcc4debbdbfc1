with contact_points as (

    select * from {{ contact_identifiers(ref('map_partners__person_records')) }}

),

policies as (

    select * from {{ ref('stg_partners__insurance_policies') }}

),

keys as (

    select
        'partners:' || holder_id as record_id,
        'vin' as identifier_type,
        upper(vin) as identifier_value,
        cast(shared_on as timestamp) as seen_at
    from policies

),

all_identifiers as (

    select * from contact_points
    union all
    select * from keys

),

final as (

    select
        record_id,
        identifier_type,
        identifier_value,
        'partners' as source_system,
        'second' as data_party,
        max(seen_at) as seen_at
    from all_identifiers
    where identifier_value is not null
    group by record_id, identifier_type, identifier_value

)

select * from final
