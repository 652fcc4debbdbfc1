select
    customer_id,
    case
        when last_service_at is null then 'no service visit yet'
        else 'last service visit on ' || cast(last_service_at as date)
    end as entered_reason,
    {{ days_after(365, 'coalesce(last_service_at, last_car_on)') }} as since
from {{ ref('customer_traits') }}
where
    cars > 0
    and last_car_on between {{ days_ago(2922) }} and {{ days_ago(366) }}
    and (last_service_at is null or last_service_at < {{ days_ago(365) }})
