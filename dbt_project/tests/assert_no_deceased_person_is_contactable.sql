-- No row may allow contact with a customer whom the register of deaths holds.
select contactability.customer_id
from {{ ref('fct_contactability') }} as contactability
inner join {{ ref('int_contactability__register_matches') }} as matches
    on contactability.customer_id = matches.customer_id
where matches.register = 'deceased' and matches.outcome = 'matched' and contactability.allowed
