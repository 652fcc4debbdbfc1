with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'vehicle_orders'),
        key='order_number', updated='updated_at'
    ) }}

),

renamed as (

    select
        order_number,
        customer_number,
        dealer_code,
        {{ trimmed('model') }} as model,
        ordered_at,
        {{ trimmed('status') }} as status,
        net_amount,
        tax_amount,
        promised_on,
        expected_on,
        delivered_on,
        vehicle_id,
        updated_at
    from source

)

select * from renamed
