-- Whom an audience names for a channel and a purpose, contactability allows there, for that.
with

members as (select * from {{ audience_members() }}),

contactability as (
    select * from {{ ref('fct_contactability') }}
    where allowed
)

select members.*
from members
left join contactability
    on
        members.customer_id = contactability.customer_id
        and members.channel = contactability.channel
        and members.purpose = contactability.purpose
where contactability.customer_id is null
