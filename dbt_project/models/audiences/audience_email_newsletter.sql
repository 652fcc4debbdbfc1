-- Who gets the newsletter: one row per address. Where customers share an address, the one whom the
-- email platform already knows under it is written to. An address that the platform keeps for
-- another customer is left alone: writing it would take it away from its owner.
with

contacts as (
    select * from {{ ref('crm_contacts') }}
),

contactability as (
    select
        customer_id,
        channel,
        purpose,
        lower(contact_point) as email
    from {{ ref('fct_contactability') }}
    where channel = 'email' and purpose = 'marketing' and allowed and contact_point is not null
),

platform_contacts as (
    select distinct
        customer_id,
        email
    from {{ ref('int_crm__destination_keys') }}
    where destination = 'email_platform' and email is not null
),

taken as (
    select distinct email from platform_contacts
),

reachable as (
    select
        contacts.customer_id,
        contacts.email_contact_id,
        contactability.email,
        contacts.given_name,
        contacts.family_name,
        contacts.language,
        nullif(contacts.segments, '') as segments,
        contacts.propensity_decile,
        contactability.channel,
        contactability.purpose,
        row_number() over (
            partition by contactability.email
            order by
                case when platform_contacts.customer_id is not null then 0 else 1 end,
                contacts.customer_id
        ) as place
    from contacts
    inner join contactability
        on contacts.customer_id = contactability.customer_id
    left join platform_contacts
        on
            contactability.email = platform_contacts.email
            and contactability.customer_id = platform_contacts.customer_id
    left join taken
        on contactability.email = taken.email
    where
        not contacts.deceased
        and (taken.email is null or platform_contacts.customer_id is not null)
),

final as (
    select
        customer_id,
        email_contact_id,
        email,
        given_name,
        family_name,
        language,
        segments,
        propensity_decile,
        channel,
        purpose
    from reachable
    where place = 1
)

select * from final
