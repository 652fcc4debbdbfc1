-- A new segment is one more file segment_<name>.sql beside this one, and its name in this list.
{%- set segments = [
    'accessory_interest',
    'car_replacement_due',
    'discount_sensitive',
    'email_responsive',
    'high_propensity_accessories',
    'high_value_at_risk',
    'lapsed_customers',
    'likely_to_defect',
    'newly_identified_visitors',
    'owners_without_insurance',
    'rfm_at_risk',
    'rfm_champions',
    'rfm_hibernating',
    'rfm_loyal',
    'rfm_new_customers',
    'service_due',
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
