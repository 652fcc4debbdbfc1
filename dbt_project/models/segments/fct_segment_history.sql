-- Who entered and left each segment, and when. What the last run published is the start; today
-- is undone first and told again, so a second run on the same day changes nothing. The stays of a
-- customer id that has been merged since are those of the customer it became.
{%- set for_ever = "cast('9999-12-31' as date)" %}
with

successors as (
    select * from {{ ref('int_identity__successors') }}
),

heirs as (
    select distinct successor_id from successors
),

told as (
    select
        coalesce(successors.successor_id, history.customer_id) as customer_id,
        history.segment,
        history.entered_on,
        case when history.left_on < {{ as_of() }} then history.left_on else {{ for_ever }} end
            as until_day
    from (select * from {{ history('segment_history') }}) as history
    left join successors
        on history.customer_id = successors.customer_id
    where history.entered_on < {{ as_of() }}
),

-- Where two ids were in one segment, their stays may overlap: each begins a new stay only if all
-- before it were over.
in_order as (
    select
        told.*,
        max(told.until_day) over (
            partition by told.customer_id, told.segment
            order by told.entered_on asc, told.until_day asc
            rows between unbounded preceding and 1 preceding
        ) as stayed_until
    from told
    inner join heirs
        on told.customer_id = heirs.successor_id
),

numbered as (
    select
        *,
        sum(case when stayed_until >= entered_on then 0 else 1 end) over (
            partition by customer_id, segment
            order by entered_on asc, until_day asc
            rows between unbounded preceding and current row
        ) as stay
    from in_order
),

stays as (
    select
        customer_id,
        segment,
        min(entered_on) as entered_on,
        max(until_day) as until_day
    from numbered
    group by customer_id, segment, stay

    union all

    select
        told.customer_id,
        told.segment,
        told.entered_on,
        told.until_day
    from told
    left join heirs
        on told.customer_id = heirs.successor_id
    where heirs.successor_id is null
),

known as (
    select
        customer_id,
        segment,
        entered_on,
        nullif(until_day, {{ for_ever }}) as left_on
    from stays
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
