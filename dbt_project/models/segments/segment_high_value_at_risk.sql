select
    customer_id,
    'spends more than ' || cast(round(100 * spend_percentile) as integer) || ' % of '
    || peers || ' peers, ' || signs_of_leaving || ' signs of leaving' as entered_reason,
    {{ as_of() }} as since
from {{ ref('customer_traits') }}
where
    orders > 0
    and spend_percentile >= 0.8
    and signs_of_leaving >= 2
    and cars_waited_for = 0
