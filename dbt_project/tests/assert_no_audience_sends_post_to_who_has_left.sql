-- Rule `moved`: who moved without a forwarding address gets no post.
select audience_members.*
from {{ audience_members() }}
inner join {{ ref('dim_customers') }} as customers
    on audience_members.customer_id = customers.customer_id
where audience_members.channel = 'post' and customers.address_lost
