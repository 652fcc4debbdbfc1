select
    customer_id,
    'nothing bought since ' || last_purchase_on as entered_reason,
    {{ days_after(365, 'last_purchase_on') }} as since
from {{ ref('customer_traits') }}
where
    orders > 0
    and last_purchase_on < {{ days_ago(365) }}
    and cars_waited_for = 0
