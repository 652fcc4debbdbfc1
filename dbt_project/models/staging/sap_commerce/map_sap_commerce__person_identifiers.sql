with contact_points as (

    select * from {{ contact_identifiers(ref('map_sap_commerce__person_records')) }}

),

customers as (

    select * from {{ ref('stg_sap_commerce__customers') }}

),

carts as (

    select * from {{ ref('stg_sap_commerce__carts') }}

),

-- The shop's own key is what a visitor's identify event names; a cart ties a browser to an account.
keys as (

    select
        'sap_commerce:' || customer_id as record_id,
        'sap_customer_id' as identifier_type,
        customer_id as identifier_value,
        updated_at as seen_at
    from customers

    union all

    select
        'sap_commerce:' || customer_id as record_id,
        'loyalty_card' as identifier_type,
        loyalty_card as identifier_value,
        updated_at as seen_at
    from customers

    union all

    select
        'sap_commerce:' || customer_id as record_id,
        'cookie' as identifier_type,
        anonymous_id as identifier_value,
        updated_at as seen_at
    from carts
    where customer_id is not null

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
        'sap_commerce' as source_system,
        'first' as data_party,
        max(seen_at) as seen_at
    from all_identifiers
    where identifier_value is not null
    group by record_id, identifier_type, identifier_value

)

select * from final
