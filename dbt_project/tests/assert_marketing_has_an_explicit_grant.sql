-- Nobody is allowed for marketing on a channel without a standing grant of their own there.
select contactability.customer_id
from {{ ref('fct_contactability') }} as contactability
left join {{ ref('int_contactability__consents') }} as consents
    on
        contactability.customer_id = consents.customer_id
        and contactability.channel = consents.channel
        and contactability.purpose = consents.purpose
        and consents.status = 'granted'
where
    contactability.purpose = 'marketing'
    and contactability.allowed
    and consents.customer_id is null
