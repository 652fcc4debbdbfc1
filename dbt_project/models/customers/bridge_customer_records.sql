with

person_map as (select * from {{ ref('int_identity__person_map') }}),

records as (select * from {{ ref('person_records') }}),

final as (

    select
        records.record_id,
        person_map.customer_id,
        records.source_system,
        substr(records.record_id, length(records.source_system) + 2) as source_key,
        records.party_class
    from records
    inner join person_map on records.record_id = person_map.record_id

)

select * from final
