-- Consents as stated; unsubscribes and complaints withdraw the marketing email of the address; and
-- a contact that the platform holds as unsubscribed is withdrawn even when no event says when.
with consents as (

    select * from {{ ref('stg_email_platform__consents') }}

),

contacts as (

    select * from {{ ref('stg_email_platform__contacts') }}

),

addresses as (

    select * from {{ ref('stg_email_platform__contact_addresses') }}

),

events as (

    select * from {{ ref('stg_email_platform__events') }}

),

stated as (

    select
        consent_id,
        contact_id,
        email,
        channel,
        purpose,
        status,
        stated_at,
        evidence
    from consents

),

objected as (

    select
        'event:' || events.event_id as consent_id,
        events.contact_id,
        addresses.email,
        'email' as channel,
        'marketing' as purpose,
        'withdrawn' as status,
        events.occurred_at as stated_at,
        case events.event_type
            when 'complaint' then 'complaint'
            else 'unsubscribe_link'
        end as evidence
    from events
    left join addresses
        on
            events.contact_id = addresses.contact_id
            and {{ held_then('addresses', 'events.occurred_at') }}
    where events.event_type in ('unsubscribe', 'complaint')

),

unsubscribed as (

    select
        'status:' || contact_id as consent_id,
        contact_id,
        held_email as email,
        'email' as channel,
        'marketing' as purpose,
        'withdrawn' as status,
        status_updated_at as stated_at,
        'status' as evidence
    from contacts
    where status = 'unsubscribed'

),

statements as (

    select * from stated
    union all
    select * from objected
    union all
    select * from unsubscribed

),

final as (

    select
        'email_platform:' || consent_id as consent_id,
        'email_platform:' || contact_id as record_id,
        'email_platform' as source_system,
        'first' as data_party,
        case channel when 'email' then {{ clean_email('email') }} end as contact_point,
        channel,
        purpose,
        status,
        stated_at,
        evidence
    from statements

)

select * from final
