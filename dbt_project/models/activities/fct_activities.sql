-- One timeline of everything that happened with a person: the families of sources beside this file,
-- as one. They also hold what nobody did whom we know; that is left out here.
{%- set families = [
    'orders', 'aftersales', 'web', 'email', 'crm', 'consents', 'registers', 'pushes',
] %}
{%- for family in families %}
select
    activity_id,
    customer_id,
    record_id,
    activity_type,
    channel,
    source_system,
    data_party,
    occurred_at,
    subject_id,
    amount,
    detail
from {{ ref('int_activities__' ~ family) }}
where customer_id is not null
{{ 'union all' if not loop.last }}
{%- endfor %}
