with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'order_status_changes'),
        key='change_id', updated='updated_at'
    ) }}

),

renamed as (

    select
        change_id,
        order_number,
        {{ trimmed('status') }} as status,
        changed_at,
        expected_on,
        updated_at
    from source

)

select * from renamed
