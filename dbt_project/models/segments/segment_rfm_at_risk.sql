select
    customer_id,
    'fifths: recency ' || recency_fifth || ', frequency ' || frequency_fifth
    || ', money ' || money_fifth as entered_reason,
    cast(last_order_at as date) as since
from {{ ref('customer_traits') }}
where
    recency_fifth <= 2
    and (frequency_fifth >= 4 or money_fifth >= 4)
