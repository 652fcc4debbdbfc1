with

person_map as (select * from {{ ref('int_identity__person_map') }}),

records as (select * from {{ ref('person_records') }}),

identifiers as (select * from {{ ref('person_identifiers') }}),

outcomes as (select * from {{ derived('sync_outcomes') }}),

-- a record that carries the key of a customer whom this very system first got from Kindred
own_creations as (

    select distinct identifiers.record_id
    from identifiers
    inner join outcomes
        on
            identifiers.identifier_value = outcomes.customer_id
            and identifiers.source_system = outcomes.destination
    where identifiers.identifier_type = 'kindred_id' and outcomes.action = 'created'

),

final as (

    select
        records.record_id,
        person_map.customer_id,
        records.source_system,
        substr(records.record_id, length(records.source_system) + 2) as source_key,
        records.party_class,
        own_creations.record_id is not null as created_by_kindred
    from records
    inner join person_map on records.record_id = person_map.record_id
    left join own_creations on records.record_id = own_creations.record_id

)

select * from final
