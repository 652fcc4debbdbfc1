select
    customer_id,
    'fifths: recency ' || recency_fifth || ', frequency ' || frequency_fifth
    || ', money ' || money_fifth as entered_reason,
    cast(last_order_at as date) as since
from {{ ref('customer_traits') }}
where
    orders = 1
    and days_since_first_order <= 180
