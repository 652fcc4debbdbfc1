-- Who a retired customer id is today. A merge retires an id in favour of another one, which a later
-- merge may retire too; an id that records bear today is nobody's predecessor.
with recursive

living as (
    select distinct customer_id from {{ ref('int_identity__person_map') }}
),

retired as (
    select
        events.other_customer_id as customer_id,
        events.customer_id as heir_id,
        row_number() over (
            partition by events.other_customer_id
            order by events.occurred_at desc, events.event_id desc
        ) as newest
    from {{ ref('fct_identity_events') }} as events
    left join living
        on events.other_customer_id = living.customer_id
    where events.event_type = 'merged' and living.customer_id is null
),

-- `union` without `all`: a chain that bites its own tail ends
followed as (
    select
        customer_id,
        heir_id
    from retired
    where newest = 1

    union

    select
        followed.customer_id,
        retired.heir_id
    from followed
    inner join retired
        on followed.heir_id = retired.customer_id
    where retired.newest = 1
),

final as (
    select
        followed.customer_id,
        followed.heir_id as successor_id
    from followed
    inner join living
        on followed.heir_id = living.customer_id
)

select * from final
