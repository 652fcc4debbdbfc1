-- Rule `minor`: nobody under 16 is named for anything but service.
select audience_members.*
from {{ audience_members() }}
inner join {{ ref('dim_customers') }} as customers
    on audience_members.customer_id = customers.customer_id
where
    audience_members.purpose <> 'service'
    and customers.birth_date > {{ as_of() }} - interval '16' year
