select cast(spine.date_day as date) as day
from ({{ dbt.date_spine('day', "cast('2015-01-01' as date)", days_ahead(366)) }}) as spine
