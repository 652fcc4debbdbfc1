with source as (

    select *
    from {{ latest_version(
        raw('dealer_erp', 'surveys'),
        key='survey_id', updated='updated_at'
    ) }}

),

renamed as (

    select
        survey_id,
        order_number,
        visit_id,
        customer_number,
        score,
        answered_at,
        updated_at
    from source

)

select * from renamed
