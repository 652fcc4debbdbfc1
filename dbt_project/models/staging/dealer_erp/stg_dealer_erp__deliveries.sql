with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'deliveries'),
        key='delivery_id', updated='updated_at'
    ) }}

),

renamed as (

    select
        delivery_id,
        order_number,
        vehicle_id,
        delivered_at,
        dealer_code,
        updated_at
    from source

)

select * from renamed
