-- What open opportunities will probably bring, by the month in which they should close. What should
-- have closed already counts for this month.
select
    cast({{ dbt.date_trunc('month', 'greatest(coalesce(expected_close_on, ' ~ as_of() ~ '), '
        ~ as_of() ~ ')') }} as date) as month,
    coalesce(dealer_code, 'unknown') as dealer_code,
    coalesce(model, 'unknown') as model,
    count(*) as opportunities,
    count(*) filter (where expected_close_on < {{ as_of() }}) as overdue,
    cast(coalesce(sum(estimated_value), 0) as decimal(18, 2)) as open_value,
    cast(
        coalesce(sum(cast(estimated_value * probability as decimal(18, 2))), 0) as decimal(18, 2)
    ) as weighted_value
from {{ ref('opportunities') }}
where status = 'open'
group by 1, 2, 3
