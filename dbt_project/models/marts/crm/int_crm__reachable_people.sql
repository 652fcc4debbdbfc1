-- The people whom a CRM should know: living, with a family name (both CRMs demand one), and
-- reachable for a service message on at least one channel. The best such channel is named.
with

contacts as (
    select * from {{ ref('crm_contacts') }}
),

contactability as (
    select
        *,
        row_number() over (
            partition by customer_id
            order by case channel when 'email' then 1 when 'phone' then 2 else 3 end
        ) as place
    from {{ ref('fct_contactability') }}
    where purpose = 'service' and allowed and channel in ('email', 'phone', 'post')
),

final as (
    select
        contacts.customer_id,
        contacts.dynamics365_contactid,
        contacts.salesforce_contact_id,
        contacts.given_name,
        contacts.middle_name,
        contacts.family_name,
        contacts.email,
        contacts.phone,
        contacts.birth_date,
        contacts.gender,
        nullif(
            trim(coalesce(contacts.street, '') || ' ' || coalesce(contacts.house_number, '')), ''
        ) as street_line,
        contacts.postal_code,
        contacts.city,
        contacts.country_code,
        contacts.language,
        contacts.email_marketing_allowed,
        contacts.phone_marketing_allowed,
        contacts.post_marketing_allowed,
        nullif(contacts.segments, '') as segments,
        round(contacts.propensity, 2) as propensity,
        contactability.channel,
        contactability.purpose
    from contacts
    inner join contactability
        on
            contacts.customer_id = contactability.customer_id
            and contactability.place = 1
    where not contacts.deceased and nullif(trim(contacts.family_name), '') is not null
)

select * from final
