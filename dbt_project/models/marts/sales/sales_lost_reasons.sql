select
    coalesce(lost_reason, 'not stated') as lost_reason,
    stage,
    coalesce(dealer_code, 'unknown') as dealer_code,
    coalesce(model, 'unknown') as model,
    cast({{ dbt.date_trunc('month', 'closed_on') }} as date) as month,
    count(*) as opportunities,
    cast(coalesce(sum(estimated_value), 0) as decimal(18, 2)) as lost_value
from {{ ref('opportunities') }}
where status = 'lost'
group by 1, 2, 3, 4, 5
