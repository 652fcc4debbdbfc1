with carts as (

    select * from {{ ref('stg_sap_commerce__carts') }}

),

final as (

    select
        'sap_commerce:' || cart_code as cart_id,
        -- A cart whose owner has not logged in belongs to the visitor.
        coalesce('sap_commerce:' || customer_id, 'web_events:' || anonymous_id) as record_id,
        'sap_commerce' as source_system,
        'first' as data_party,
        lower(status) as status,
        total_price as net_amount,
        created_at,
        updated_at
    from carts

)

select * from final
