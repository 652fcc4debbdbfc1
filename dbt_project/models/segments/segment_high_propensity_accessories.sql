-- Decile 1 is the tenth that is most likely to order; a model that can't rank has no deciles.
select
    customer_id,
    'decile ' || accessories_decile || ' of the propensity to order accessories' as entered_reason,
    scored_on as since
from {{ ref('customer_traits') }}
where accessories_decile <= 2
