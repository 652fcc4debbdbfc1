select
    journey,
    step,
    count(distinct customer_id) as customers,
    count(*) as messages,
    count(*) filter (where is_due) as due,
    count(*) filter (where not is_due) as coming,
    min(due_on) filter (where not is_due) as next_due_on
from {{ ref('journey_waiting_for_car') }}
group by journey, step
