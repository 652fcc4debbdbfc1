-- Members per channel and purpose after contactability: the profile knows who may be reached.
{%- set ways = [
    'email_service', 'email_marketing', 'email_profiling', 'email_third_party',
    'phone_service', 'phone_marketing', 'phone_profiling', 'phone_third_party',
    'sms_service', 'sms_marketing', 'sms_profiling', 'sms_third_party',
    'post_service', 'post_marketing', 'post_profiling', 'post_third_party',
    'ads_service', 'ads_marketing', 'ads_profiling', 'ads_third_party',
] %}
with

members as (
    select * from {{ ref('fct_segment_members') }}
),

traits as (
    select * from {{ ref('customer_traits') }}
),

counted as (
    select
        members.segment,
        {%- for way in ways %}
        count(*) filter (where traits.{{ way }}_allowed) as {{ way }},
        {%- endfor %}
        count(*) as members
    from members
    inner join traits
        on members.customer_id = traits.customer_id
    group by members.segment
),

final as (
    {%- for way in ways %}
    select
        segment,
        '{{ way.partition("_")[0] }}' as channel,
        '{{ way.partition("_")[2] }}' as purpose,
        members,
        {{ way }} as contactable,
        cast({{ as_of() }} as date) as as_of
    from counted
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select * from final
