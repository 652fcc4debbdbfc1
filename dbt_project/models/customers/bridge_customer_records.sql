with

person_map as (select * from {{ ref('int_identity__person_map') }}),

records as (select * from {{ ref('person_records') }}),

destination_contacts as (select * from {{ ref('destination_contacts') }}),

final as (

    select
        records.record_id,
        person_map.customer_id,
        records.source_system,
        substr(records.record_id, length(records.source_system) + 2) as source_key,
        records.party_class,
        coalesce(destination_contacts.created_by_kindred, false) as created_by_kindred
    from records
    inner join person_map on records.record_id = person_map.record_id
    left join destination_contacts on records.record_id = destination_contacts.record_id

)

select * from final
