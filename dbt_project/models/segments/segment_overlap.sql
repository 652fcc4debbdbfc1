-- Each pair of segments, both ways round, and each with itself: a matrix to pivot.
with

members as (
    select
        customer_id,
        segment
    from {{ ref('fct_segment_members') }}
),

sizes as (
    select
        segment,
        count(*) as members
    from members
    group by segment
),

shared as (
    select
        members.segment,
        others.segment as other_segment,
        count(*) as in_both
    from members
    inner join members as others
        on members.customer_id = others.customer_id
    group by members.segment, others.segment
),

final as (
    select
        sizes.segment,
        other_sizes.segment as other_segment,
        sizes.members,
        other_sizes.members as other_members,
        coalesce(shared.in_both, 0) as in_both,
        cast(coalesce(shared.in_both, 0) as double) / sizes.members as share_in_other,
        cast(coalesce(shared.in_both, 0) as double)
        / (sizes.members + other_sizes.members - coalesce(shared.in_both, 0)) as similarity
    from sizes
    cross join sizes as other_sizes
    left join shared
        on
            sizes.segment = shared.segment
            and other_sizes.segment = shared.other_segment
)

select * from final
