with

person_map as (select * from {{ ref('int_identity__person_map') }}),

records as (select * from {{ ref('person_records') }}),

echoes as (select * from {{ ref('int_identity__echoes') }}),

final as (

    select
        records.record_id,
        person_map.customer_id,
        records.source_system,
        substr(records.record_id, length(records.source_system) + 2) as source_key,
        records.party_class,
        echoes.record_id is not null as created_by_kindred
    from records
    inner join person_map on records.record_id = person_map.record_id
    left join echoes on records.record_id = echoes.record_id

)

select * from final
