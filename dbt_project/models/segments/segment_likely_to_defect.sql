select
    customer_id,
    signs_of_leaving || ' of 5 signs of leaving' as entered_reason,
    {{ as_of() }} as since
from {{ ref('customer_traits') }}
where
    cars > 0
    and cars_waited_for = 0
    and signs_of_leaving >= 3
