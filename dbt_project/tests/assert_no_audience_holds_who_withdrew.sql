-- Rule `consent_withdrawn`: the latest statement about a contact point or a record, where it is a
-- withdrawal, keeps its customer out of every audience for that channel and purpose.
select audience_members.*
from {{ audience_members() }}
inner join {{ ref('fct_consents') }} as consents
    on
        audience_members.customer_id = consents.customer_id
        and audience_members.channel = consents.channel
        and audience_members.purpose = consents.purpose
where consents.is_standing and consents.status = 'withdrawn'
