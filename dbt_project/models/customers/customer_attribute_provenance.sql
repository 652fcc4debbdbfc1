with

ranked as (select * from {{ ref('int_customers__winners') }}),

moves as (

    select * from {{ ref('int_customers__moves') }}
    where is_forwarded

),

pins as (select * from {{ ref('int_customers__pins') }}),

-- a forwarding address of the register of movers comes before what the records say
places as (

    select
        ranked.customer_id,
        ranked.attribute_group,
        ranked.record_id,
        ranked.source_system,
        ranked.value,
        ranked.value_key,
        ranked.strategy,
        ranked.source_rank,
        ranked.issue,
        ranked.is_stale,
        ranked.updated_at,
        case when moves.customer_id is null then ranked.place else ranked.place + 1 end as place
    from ranked
    left join moves
        on ranked.customer_id = moves.customer_id and ranked.attribute_group = 'address'

    union all

    select
        customer_id,
        'address' as attribute_group,
        entry_id as record_id,
        'registers' as source_system,
        {{ address_line('new_') }} as value,
        concat_ws(
            '|',
            {{ key_of_postal_code('new_postal_code', 'new_country_code') }},
            {{ key_of_house_number('new_house_number') }}
        ) as value_key,
        'register_of_movers' as strategy,
        0 as source_rank,
        null as issue,
        false as is_stale,
        cast(moved_on as timestamp) as updated_at,
        1 as place
    from moves

),

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
    where places.place > 1 and places.value_key is distinct from winners.value_key
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
        winners.issue,
        winners.is_stale,
        winners.updated_at,
        pins.pinned_by,
        pins.reason as pin_reason,
        coalesce(losers.losing_records, 0) as losing_records,
        coalesce(other_values.losing_values, 0) as losing_values,
        other_values.losing_value_list
    from winners
    left join pins on winners.record_id = pins.record_id
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
