select
    customer_id,
    'identified on ' || cast(identified_at as date) as entered_reason,
    cast(identified_at as date) as since
from {{ ref('customer_traits') }}
where
    identified_at >= {{ days_ago(30) }}
    and orders = 0
    and has_email
