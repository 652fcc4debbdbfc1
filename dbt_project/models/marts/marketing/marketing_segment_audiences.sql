-- How many members of each segment may be reached on each channel, and what stops the others.
with

members as (
    select * from {{ ref('fct_segment_members') }}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
),

sizes as (
    select * from {{ ref('segment_sizes') }}
),

counted_reasons as (
    select
        members.segment,
        contactability.channel,
        contactability.purpose,
        contactability.reasons,
        count(*) as stopped
    from members
    inner join contactability
        on members.customer_id = contactability.customer_id
    where not contactability.allowed
    group by
        members.segment, contactability.channel, contactability.purpose, contactability.reasons
),

ranked_reasons as (
    select
        *,
        row_number() over (
            partition by segment, channel, purpose
            order by stopped desc, reasons asc
        ) as place
    from counted_reasons
),

final as (
    select
        sizes.segment,
        sizes.channel,
        sizes.purpose,
        sizes.members,
        sizes.contactable,
        cast(sizes.contactable as double) / sizes.members as contactable_share,
        ranked_reasons.reasons as main_reason_not,
        coalesce(ranked_reasons.stopped, 0) as stopped_by_main_reason,
        sizes.as_of
    from sizes
    left join ranked_reasons
        on
            sizes.segment = ranked_reasons.segment
            and sizes.channel = ranked_reasons.channel
            and sizes.purpose = ranked_reasons.purpose
            and ranked_reasons.place = 1
)

select * from final
