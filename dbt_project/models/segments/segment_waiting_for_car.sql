select
    customer_id,
    cars_waited_for || ' car(s) ordered and not delivered' as entered_reason,
    waiting_since as since
from {{ ref('customer_traits') }}
where cars_waited_for > 0
