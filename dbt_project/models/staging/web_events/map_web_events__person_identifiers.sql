-- A browser knows its cookie. Identify events add the web shop's customer id and the email address;
-- a browser that several people use has several.
with events as (

    select * from {{ ref('stg_web_events__events') }}

),

cookies as (

    select
        'web_events:' || anonymous_id as record_id,
        'cookie' as identifier_type,
        anonymous_id as identifier_value,
        max(occurred_at) as seen_at
    from events
    where anonymous_id is not null
    group by anonymous_id

),

identifications as (

    select
        anonymous_id,
        user_id,
        {{ clean_email('traits_email') }} as email,
        occurred_at
    from events
    where
        type = 'identify'
        and anonymous_id is not null

),

accounts as (

    select
        'web_events:' || anonymous_id as record_id,
        'sap_customer_id' as identifier_type,
        user_id as identifier_value,
        max(occurred_at) as seen_at
    from identifications
    where user_id is not null
    group by anonymous_id, user_id

),

emails as (

    select
        'web_events:' || anonymous_id as record_id,
        'email' as identifier_type,
        email as identifier_value,
        max(occurred_at) as seen_at
    from identifications
    where email is not null
    group by anonymous_id, email

),

all_identifiers as (

    select * from cookies
    union all
    select * from accounts
    union all
    select * from emails

),

final as (

    select
        record_id,
        identifier_type,
        identifier_value,
        'web_events' as source_system,
        'first' as data_party,
        seen_at
    from all_identifiers

)

select * from final
