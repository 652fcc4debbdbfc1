-- Rules `hard_bounce` and `complaint`: no audience names somebody by an address that bounced and
-- wasn't read since, or from which somebody complained.
with

used as (

    select
        audience_members.audience,
        audience_members.customer_id,
        audience_members.purpose,
        {{ key_of_email('contactability.contact_point') }} as email_key
    from {{ audience_members() }}
    inner join {{ ref('fct_contactability') }} as contactability
        on
            audience_members.customer_id = contactability.customer_id
            and audience_members.channel = contactability.channel
            and audience_members.purpose = contactability.purpose
    where audience_members.channel = 'email'

)

select used.*
from used
inner join {{ ref('int_contactability__bounces') }} as bounces on used.email_key = bounces.email_key
where bounces.hard_bounced or bounces.complained
