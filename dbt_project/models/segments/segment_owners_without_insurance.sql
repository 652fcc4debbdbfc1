select
    customer_id,
    cars || ' car(s), no running insurance' as entered_reason,
    last_car_on as since
from {{ ref('customer_traits') }}
where
    cars > 0
    and insured_product is null
