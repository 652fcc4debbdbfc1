with source as (

    select *
    from {{ latest_version(
        raw('magento', 'orders'),
        key='increment_id', files=true
    ) }}

),

renamed as (

    select
        increment_id as order_number,
        {{ trimmed('customer_email') }} as email,
        website,
        {{ trimmed('customer_firstname') }} as given_name,
        {{ trimmed('customer_lastname') }} as family_name,
        created_at as ordered_at,
        {{ trimmed('status') }} as status,
        grand_total,
        discount_amount,
        tax_amount,
        shipping_amount,
        {{ trimmed('currency') }} as currency
    from source

)

select * from renamed
