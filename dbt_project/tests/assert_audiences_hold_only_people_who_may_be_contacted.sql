-- Every row of every audience names a channel and a purpose that contactability allows for its
-- customer.
with

audiences as (
    {%- for audience in ('dynamics365_contacts', 'salesforce_contacts', 'email_newsletter') %}
    select
        '{{ audience }}' as audience,
        customer_id,
        channel,
        purpose
    from {{ ref('audience_' ~ audience) }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
    where allowed
)

select audiences.*
from audiences
left join contactability
    on
        audiences.customer_id = contactability.customer_id
        and audiences.channel = contactability.channel
        and audiences.purpose = contactability.purpose
where contactability.customer_id is null
