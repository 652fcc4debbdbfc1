-- What each measure was, day by day. What the last run published is the start; today is told again.
select
    measure,
    value,
    as_of
from {{ history('measure_history') }}
where as_of < {{ as_of() }}

union all

select
    measure,
    value,
    as_of
from {{ ref('business_measures') }}
