-- A visitor is a browser (anonymous id). All we know of the person is the email address given when
-- identifying, if any.
with events as (

    select * from {{ ref('stg_web_events__events') }}

),

visitors as (

    select
        anonymous_id,
        max(case when type = 'identify' then traits_email end) as email,
        min(occurred_at) as created_at,
        max(occurred_at) as updated_at
    from events
    where anonymous_id is not null
    group by anonymous_id

),

final as (

    select
        'web_events:' || anonymous_id as record_id,
        'web_events' as source_system,
        'first' as data_party,
        'visitor' as party_class,
        null as given_name,
        null as middle_name,
        null as family_name,
        null as birth_date,
        null as gender,
        {{ clean_email('email') }} as email,
        null as phone,
        null as street,
        null as house_number,
        null as postal_code,
        null as city,
        null as country_code,
        null as language,
        null as company,
        {{ trimmed('email') }} as email_as_written,
        null as phone_as_written,
        null as birth_date_as_written,
        created_at,
        updated_at
    from visitors

)

select * from final
