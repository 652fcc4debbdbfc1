-- Who entered and left each segment, and when. What the last run published is the start; today
-- is undone first and told again, so a second run on the same day changes nothing.
with

known as (
    select
        customer_id,
        segment,
        entered_on,
        case when left_on < {{ as_of() }} then left_on end as left_on
    from {{ history('segment_history') }}
    where entered_on < {{ as_of() }}
),

members as (
    select
        customer_id,
        segment
    from {{ ref('fct_segment_members') }}
),

staying as (
    select
        known.customer_id,
        known.segment,
        known.entered_on,
        case
            when known.left_on is null and members.customer_id is null then {{ as_of() }}
            else known.left_on
        end as left_on
    from known
    left join members
        on
            known.customer_id = members.customer_id
            and known.segment = members.segment
),

entering as (
    select
        members.customer_id,
        members.segment,
        {{ as_of() }} as entered_on,
        cast(null as date) as left_on
    from members
    left join known
        on
            members.customer_id = known.customer_id
            and members.segment = known.segment
            and known.left_on is null
    where known.customer_id is null
),

final as (
    select * from staying

    union all

    select * from entering
)

select * from final
