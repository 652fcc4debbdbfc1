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
        case gender_code when 1 then 'male' when 2 then 'female' end as gender,
        email,
        coalesce(mobile_phone, phone) as phone,
        street_line,
        postal_code,
        city,
        country,
        account_id,
        language,
        cast(null as varchar) as company,
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
        null as gender,
        email,
        phone,
        null as street_line,
        null as postal_code,
        null as city,
        null as country,
        account_id,
        null as language,
        null as company,
        created_at,
        updated_at
    from leads

),

-- who names no country writes a phone number as the dealer's country does (the macro reads it)
dealt_with as (  -- noqa: ST03

    select
        people.*,
        countries.country_code as dealer_country
    from people
    left join accounts  -- noqa: ST11
        on people.account_id = accounts.account_id
    left join countries
        on {{ country_key('accounts.country') }} = countries.written_as

)

select * from {{ crm_person_records('dynamics365', 'dealt_with') }}
