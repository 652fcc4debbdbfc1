with

members as (
    select * from {{ ref('fct_segment_members') }}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
),

final as (
    select
        members.segment,
        contactability.channel,
        contactability.purpose,
        count(*) as members,
        count(*) filter (where contactability.allowed) as contactable,
        {{ as_of() }} as as_of
    from members
    inner join contactability
        on members.customer_id = contactability.customer_id
    group by members.segment, contactability.channel, contactability.purpose
)

select * from final
