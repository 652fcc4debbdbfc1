with

links as (select * from {{ derived('identity_links') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

final as (

    select
        person_map.customer_id,
        links.record_id_1,
        links.record_id_2,
        links.rule,
        links.probability
    from links
    inner join person_map on links.record_id_1 = person_map.record_id

)

select * from final
