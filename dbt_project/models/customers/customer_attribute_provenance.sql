with

places as (select * from {{ ref('int_customers__winners') }}),

winners as (
    select * from places
    where place = 1
),

losers as (

    select
        customer_id,
        attribute_group,
        count(*) as losing_records
    from places
    where place > 1
    group by customer_id, attribute_group

),

-- most losers hold the winner's value; only the others are worth a list
other_values as (

    select
        places.customer_id,
        places.attribute_group,
        count(distinct places.value_key) as losing_values,
        {{ text_list('places.value', ' / ') }} as losing_value_list
    from places
    inner join winners
        on
            places.customer_id = winners.customer_id
            and places.attribute_group = winners.attribute_group
    where places.place > 1 and places.value_key <> winners.value_key
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
        coalesce(other_values.losing_values, 0) as losing_values,
        other_values.losing_value_list
    from winners
    left join losers
        on
            winners.customer_id = losers.customer_id
            and winners.attribute_group = losers.attribute_group
    left join other_values
        on
            winners.customer_id = other_values.customer_id
            and winners.attribute_group = other_values.attribute_group

)

select * from final
