-- The old shop gave its accounts no key: email and phone are all there is.
with contact_points as (

    select * from {{ contact_identifiers(ref('map_magento__person_records')) }}

),

final as (

    select
        record_id,
        identifier_type,
        identifier_value,
        'magento' as source_system,
        'first' as data_party,
        seen_at
    from contact_points
    where identifier_value is not null

)

select * from final
