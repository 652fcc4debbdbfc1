with

destination_contacts as (select * from {{ ref('destination_contacts') }}),

final as (

    select record_id
    from destination_contacts
    where created_by_kindred

)

select * from final
