with

identifiers as (select * from {{ ref('person_identifiers') }}),

outcomes as (select * from {{ derived('sync_outcomes') }}),

-- a record that carries the key of a customer whom this very system first got from Kindred
final as (

    select distinct identifiers.record_id
    from identifiers
    inner join outcomes
        on
            identifiers.identifier_value = outcomes.customer_id
            and identifiers.source_system = outcomes.destination
    where identifiers.identifier_type = 'kindred_id' and outcomes.action = 'created'

)

select * from final
