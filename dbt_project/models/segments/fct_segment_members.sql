-- A new segment is one more file segment_<name>.sql beside this one, and its name in this list.
{%- set segments = [
    'high_propensity_accessories',
    'lapsed_customers',
    'waiting_for_car',
] %}
{%- for segment in segments %}
select
    customer_id,
    '{{ segment }}' as segment,
    entered_reason,
    since
from {{ ref('segment_' ~ segment) }}
{{ 'union all' if not loop.last }}
{%- endfor %}
