select
    customer_id,
    case
        when
            lease_until between {{ days_ahead(90) }} and {{ days_ahead(180) }}
            then 'lease ends on ' || lease_until
        else 'car delivered on ' || last_car_on
    end as entered_reason,
    {{ as_of() }} as since
from {{ ref('customer_traits') }}
where
    cars > 0
    and cars_waited_for = 0
    and (
        lease_until between {{ days_ahead(90) }} and {{ days_ahead(180) }}
        or last_car_on between {{ days_ago(1371) }} and {{ days_ago(1281) }}
    )
