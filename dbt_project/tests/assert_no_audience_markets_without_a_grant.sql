-- Rules `no_consent` and `consent_expired`: whom an audience names for marketing, or to be shared
-- with others, has a grant that stands and hasn't expired.
select audience_members.*
from {{ audience_members() }}
left join {{ ref('fct_consents') }} as consents
    on
        audience_members.customer_id = consents.customer_id
        and audience_members.channel = consents.channel
        and audience_members.purpose = consents.purpose
        and consents.is_standing
        and consents.status = 'granted'
where
    audience_members.purpose in ('marketing', 'third_party')
    and consents.consent_id is null
