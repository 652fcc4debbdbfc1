with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'service_visits'),
        key='visit_id', updated='updated_at'
    ) }}

),

renamed as (

    select
        visit_id,
        vehicle_id,
        customer_number,
        dealer_code,
        visited_at,
        {{ trimmed('kind') }} as kind,
        net_amount,
        updated_at
    from source

)

select * from renamed
