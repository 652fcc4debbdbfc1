with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'payments'),
        key='payment_id', updated='updated_at'
    ) }}

),

renamed as (

    select
        payment_id,
        order_number,
        {{ trimmed('kind') }} as kind,
        amount,
        paid_at,
        updated_at
    from source

)

select * from renamed
