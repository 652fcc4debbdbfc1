with contacts as (

    select * from {{ ref('stg_dynamics365__contacts') }}

),

leads as (

    select * from {{ ref('stg_dynamics365__leads') }}

),

accounts as (

    select * from {{ ref('stg_dynamics365__accounts') }}

),

countries as (

    select * from {{ ref('country_names') }}

),

people as (

    select
        contact_id as source_key,
        'customer' as party_class,
        given_name,
        middle_name,
        family_name,
        birth_date,
        gender_code,
        email,
        coalesce(mobile_phone, phone) as phone,
        street_line,
        postal_code,
        city,
        country,
        account_id,
        language,
        created_at,
        updated_at
    from contacts

    union all

    select
        lead_id as source_key,
        'lead' as party_class,
        given_name,
        null as middle_name,
        family_name,
        null as birth_date,
        null as gender_code,
        email,
        phone,
        null as street_line,
        null as postal_code,
        null as city,
        null as country,
        account_id,
        null as language,
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
        -- Who names no country writes a phone number as the dealer's country does.
        dealer_countries.country_code as dealer_country
    from people
    left join countries
        on {{ country_key('people.country') }} = countries.written_as
    left join accounts
        on people.account_id = accounts.account_id
    left join countries as dealer_countries
        on {{ country_key('accounts.country') }} = dealer_countries.written_as

),

final as (

    select
        'dynamics365:' || source_key as record_id,
        'dynamics365' as source_system,
        'first' as data_party,
        party_class,
        {{ clean_text('given_name') }} as given_name,
        {{ clean_text('middle_name') }} as middle_name,
        {{ clean_text('family_name') }} as family_name,
        birth_date,
        case gender_code when 1 then 'male' when 2 then 'female' end as gender,
        {{ clean_email('email') }} as email,
        {{ clean_phone('phone', 'coalesce(country_code, dealer_country)') }} as phone,
        {{ street_of('clean_street_line') }} as street,
        {{ house_number_of('clean_street_line') }} as house_number,
        {{ clean_postal_code('postal_code', 'country_code') }} as postal_code,
        {{ clean_text('city') }} as city,
        country_code,
        {{ clean_language('language') }} as language,
        created_at,
        updated_at
    from located

)

select * from final
