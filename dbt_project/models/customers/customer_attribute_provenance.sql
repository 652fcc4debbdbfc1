with

places as (select * from {{ ref('int_customers__winners') }}),

winners as (select * from places where place = 1),

losers as (

    select
        places.customer_id,
        places.attribute_group,
        count(*) as losing_records,
        count(distinct case when places.value_key <> winners.value_key then places.value_key end)
            as losing_values,
        {{ text_list("case when places.value_key <> winners.value_key then places.value end", ' / ') }}
            as losing_value_list
    from places
    inner join winners
        on
            places.customer_id = winners.customer_id
            and places.attribute_group = winners.attribute_group
    where places.place > 1
    group by places.customer_id, places.attribute_group

),

final as (

    select
        winners.customer_id,
        winners.attribute_group,
        winners.value,
        winners.record_id,
        winners.source_system,
        winners.strategy,
        winners.source_rank,
        winners.updated_at,
        coalesce(losers.losing_records, 0) as losing_records,
        coalesce(losers.losing_values, 0) as losing_values,
        losers.losing_value_list
    from winners
    left join losers
        on
            winners.customer_id = losers.customer_id
            and winners.attribute_group = losers.attribute_group

)

select * from final
