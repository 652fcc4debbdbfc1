-- Rule `no_contact_point`: whom an audience names can be reached there.
select audience_members.*
from {{ audience_members() }}
inner join {{ ref('dim_customers') }} as customers
    on audience_members.customer_id = customers.customer_id
left join {{ ref('int_contactability__stated') }} as stated
    on
        audience_members.customer_id = stated.customer_id
        and audience_members.channel = stated.channel
        and audience_members.purpose = stated.purpose
where
    case audience_members.channel
        when 'email' then coalesce(stated.other_contact_point, customers.email)
        when 'post' then coalesce(customers.street, customers.house_number)
        when 'ads' then coalesce(customers.email, customers.phone)
        else customers.phone
    end is null
