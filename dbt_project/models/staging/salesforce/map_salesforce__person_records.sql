with contacts as (

    select * from {{ ref('stg_salesforce__contacts') }}

),

leads as (

    select * from {{ ref('stg_salesforce__leads') }}

),

countries as (

    select * from {{ ref('country_names') }}

),

people as (

    select
        contact_id as source_key,
        'customer' as party_class,
        given_name,
        family_name,
        birth_date,
        email,
        coalesce(mobile_phone, phone) as phone,
        street_line,
        postal_code,
        city,
        country,
        dealer_code,
        created_at,
        updated_at
    from contacts

    union all

    select
        lead_id as source_key,
        'lead' as party_class,
        given_name,
        family_name,
        null as birth_date,
        email,
        phone,
        null as street_line,
        null as postal_code,
        null as city,
        null as country,
        dealer_code,
        created_at,
        updated_at
    from leads

),

located as (

    select
        people.*,
        {{ clean_text('people.street_line') }} as clean_street_line,
        {{ country_or_default('countries.country_code', 'people.country', 'people.postal_code') }}
            as country_code,
        -- Who names no country writes a phone number as the dealer's country does, and a dealer's
        -- code begins with its country (`DE-003`).
        {{ extract('people.dealer_code', '^([A-Z]{2})-') }} as dealer_country
    from people
    left join countries
        on {{ country_key('people.country') }} = countries.written_as

),

final as (

    select
        'salesforce:' || source_key as record_id,
        'salesforce' as source_system,
        'first' as data_party,
        party_class,
        {{ clean_text('given_name') }} as given_name,
        null as middle_name,
        {{ clean_text('family_name') }} as family_name,
        birth_date,
        null as gender,
        {{ clean_email('email') }} as email,
        {{ clean_phone('phone', 'coalesce(country_code, dealer_country)') }} as phone,
        {{ street_of('clean_street_line') }} as street,
        {{ house_number_of('clean_street_line') }} as house_number,
        {{ clean_postal_code('postal_code', 'country_code') }} as postal_code,
        {{ clean_text('city') }} as city,
        country_code,
        null as language,
        created_at,
        updated_at
    from located

)

select * from final
