with

records as (select * from {{ ref('person_records') }}),

nicknames as (select * from {{ ref('nicknames') }}),

bypass_emails as (select * from {{ ref('bypass_emails') }}),

bypass_phones as (select * from {{ ref('bypass_phones') }}),

nickname_keys as (

    select
        {{ name_key('nickname') }} as nickname_key,
        min({{ name_key('name') }}) as full_key
    from nicknames
    group by 1

),

bypass_local_parts as (
    select value from bypass_emails
    where part = 'local_part'
),

bypass_domains as (
    select value from bypass_emails
    where part = 'domain'
),

keyed as (

    select
        record_id,
        source_system,
        party_class,
        given_name,
        middle_name,
        family_name,
        gender,
        email,
        phone,
        street,
        house_number,
        postal_code,
        city,
        case when not {{ is_initials('given_name') }} then {{ name_key('given_name') }} end
            as written_given_key,
        {{ name_key('family_name') }} as family_key,
        left({{ name_key('given_name') }}, 1) as written_initial,
        {{ plausible_birth_date('birth_date') }} as birth_date,
        {{ key_of_email('email') }} as email_key,
        split_part(email, '@', 1) as email_local_part,
        split_part(email, '@', 2) as email_domain,
        {{ key_of_phone('phone') }} as phone_key,
        {{ key_of_postal_code('postal_code', 'country_code') }} as postal_key,
        {{ key_of_house_number('house_number') }} as house_key,
        country_code,
        updated_at
    from records

),

final as (

    select
        keyed.record_id,
        keyed.source_system,
        keyed.party_class,
        keyed.given_name,
        keyed.middle_name,
        keyed.family_name,
        keyed.gender,
        keyed.email,
        keyed.phone,
        keyed.street,
        keyed.house_number,
        keyed.postal_code,
        keyed.city,
        coalesce(nickname_keys.full_key, keyed.written_given_key) as given_key,
        keyed.family_key,
        left(coalesce(nickname_keys.full_key, keyed.written_initial), 1) as initial,
        keyed.birth_date,
        case
            when bypass_local_parts.value is null and bypass_domains.value is null
                then keyed.email_key
        end as email_key,
        case when bypass_phones.ending is null then keyed.phone_key end as phone_key,
        keyed.postal_key,
        keyed.house_key,
        keyed.country_code,
        keyed.updated_at
    from keyed
    left join nickname_keys on keyed.written_given_key = nickname_keys.nickname_key
    left join bypass_local_parts on keyed.email_local_part = bypass_local_parts.value
    left join bypass_domains on keyed.email_domain = bypass_domains.value
    left join bypass_phones on right(keyed.phone_key, 6) = bypass_phones.ending

)

select * from final
