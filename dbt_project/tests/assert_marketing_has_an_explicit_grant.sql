-- Nobody is allowed for marketing, or to be shared with others, without a grant of their own on
-- that channel that stands and hasn't expired.
select contactability.customer_id
from {{ ref('fct_contactability') }} as contactability
left join {{ ref('fct_consents') }} as consents
    on
        contactability.customer_id = consents.customer_id
        and contactability.channel = consents.channel
        and contactability.purpose = consents.purpose
        and consents.is_standing
        and consents.status = 'granted'
where
    contactability.purpose in ('marketing', 'third_party')
    and contactability.allowed
    and consents.consent_id is null
