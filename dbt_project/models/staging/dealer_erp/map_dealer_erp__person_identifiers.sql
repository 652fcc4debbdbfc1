with contact_points as (

    select * from {{ contact_identifiers(ref('map_dealer_erp__person_records')) }}

),

vehicles as (

    select * from {{ ref('stg_dealer_erp__vehicles') }}

),

keys as (

    select
        'dealer_erp:' || customer_number as record_id,
        'vin' as identifier_type,
        upper(vin) as identifier_value,
        updated_at as seen_at
    from vehicles
    where customer_number is not null

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
        'dealer_erp' as source_system,
        'first' as data_party,
        max(seen_at) as seen_at
    from all_identifiers
    where identifier_value is not null
    group by record_id, identifier_type, identifier_value

)

select * from final
