-- The part of the day stands in the reason, and in `customer_traits.best_email_band` to split by.
select
    customer_id,
    'opens in the ' || best_email_band as entered_reason,
    {{ as_of() }} as since
from {{ ref('customer_traits') }}
where
    emails_sent_365 >= 5
    and email_open_rate >= 0.5
    and 2 * opened_in_best_band >= emails_opened_365
