-- Rule `do_not_contact`: a register forbids channels to a person, and numbers to everybody.
with

forbidden as (

    select
        customer_id,
        channels
    from {{ ref('int_contactability__register_matches') }}
    where register = 'do_not_contact' and outcome = 'matched'

    union all

    select
        customers.customer_id,
        points.channel as channels
    from {{ ref('dim_customers') }} as customers
    inner join {{ ref('int_contactability__registered_points') }} as points
        on
            points.channel = 'phone'
            and points.contact_point_key = {{ key_of_phone('customers.phone') }}

)

select audience_members.*
from {{ audience_members() }}
inner join forbidden on audience_members.customer_id = forbidden.customer_id
where
    audience_members.purpose <> 'service'
    and forbidden.channels like concat(
        '%',
        case audience_members.channel when 'sms' then 'phone' else audience_members.channel end,
        '%'
    )
