-- Rule `deceased`: whom a register of deaths was matched to, no audience names, for nothing.
select audience_members.*
from {{ audience_members() }}
inner join {{ ref('int_contactability__register_matches') }} as matches
    on audience_members.customer_id = matches.customer_id
where matches.register = 'deceased' and matches.outcome = 'matched'
