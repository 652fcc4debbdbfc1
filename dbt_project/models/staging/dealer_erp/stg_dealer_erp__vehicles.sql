with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'vehicles'),
        key='vehicle_id', updated='updated_at'
    ) }}

),

renamed as (

    select
        vehicle_id,
        {{ trimmed('vin') }} as vin,
        {{ trimmed('model') }} as model,
        customer_number,
        delivered_on,
        warranty_until,
        lease_until,
        updated_at
    from source

)

select * from renamed
