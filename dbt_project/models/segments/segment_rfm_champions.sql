select
    customer_id,
    'fifths: recency ' || recency_fifth || ', frequency ' || frequency_fifth
    || ', money ' || money_fifth as entered_reason,
    cast(last_order_at as date) as since
from {{ ref('customer_traits') }}
where
    recency_fifth >= 4
    and frequency_fifth >= 4
    and money_fifth >= 4
