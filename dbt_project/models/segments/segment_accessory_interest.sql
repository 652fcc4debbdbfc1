-- Which category it is stands in the reason, and in `customer_traits.interest` to split by.
select
    customer_id,
    'interested in ' || interest as entered_reason,
    cast(last_order_at as date) as since
from {{ ref('customer_traits') }}
where
    accessory_orders > 0
    and interest_points >= 5
