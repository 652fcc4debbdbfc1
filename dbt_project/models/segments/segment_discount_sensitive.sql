select
    customer_id,
    orders_with_discount
    || ' of '
    || accessory_orders
    || ' orders with a discount' as entered_reason,
    cast(last_order_at as date) as since
from {{ ref('customer_traits') }}
where
    accessory_orders >= 2
    and 2 * orders_with_discount >= accessory_orders
