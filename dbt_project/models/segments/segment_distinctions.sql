-- What sets a segment apart: the mean of each trait inside and outside, and how far the two lie
-- apart in standard deviations of all customers. Large numbers, either way, describe the segment.
{%- set traits = [
    'age', 'lifetime_revenue', 'service_spend', 'orders', 'days_since_last_order',
    'average_basket', 'discount_share', 'returned_amount', 'service_visits', 'web_events_90',
    'emails_opened_365', 'emails_clicked_365', 'email_open_rate', 'calls_365',
    'days_since_last_contact', 'satisfaction', 'cars', 'interest_points', 'signs_of_leaving',
    'income_index', 'family_share', 'brand_affinity', 'ev_affinity',
] %}
with

members as (
    select * from {{ ref('fct_segment_members') }}
),

traits as (
    select * from {{ ref('customer_traits') }}
),

everybody as (
    select
    {%- for trait in traits %}
        count({{ trait }}) as n_{{ trait }},
        avg({{ trait }}) as mean_{{ trait }},
        stddev_pop({{ trait }}) as deviation_{{ trait }}
        {{- ',' if not loop.last }}
    {%- endfor %}
    from traits
),

inside as (
    select
        members.segment,
    {%- for trait in traits %}
    count(traits.{{ trait }}) as n_{{ trait }},
    avg(traits.{{ trait }}) as mean_{{ trait }}
    {{- ',' if not loop.last }}
    {%- endfor %}
    from members
    inner join traits
        on members.customer_id = traits.customer_id
    group by members.segment
),

compared as (
    {%- for trait in traits %}
    select
        inside.segment,
        '{{ trait }}' as trait,
        inside.mean_{{ trait }} as mean_inside,
        everybody.deviation_{{ trait }} as deviation,
        case
            when everybody.n_{{ trait }} > inside.n_{{ trait }}
                then (
                    everybody.mean_{{ trait }} * everybody.n_{{ trait }}
                    - inside.mean_{{ trait }} * inside.n_{{ trait }}
                ) / (everybody.n_{{ trait }} - inside.n_{{ trait }})
        end as mean_outside
    from inside
    cross join everybody
    where inside.n_{{ trait }} > 0
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        segment,
        trait,
        round(mean_inside, 6) as mean_inside,
        round(mean_outside, 6) as mean_outside,
        case
            when deviation > 0 then round((mean_inside - mean_outside) / deviation, 6)
        end as difference
    from compared
)

select * from final
