with contacts as (

    select * from {{ ref('stg_salesforce__contacts') }}

),

leads as (

    select * from {{ ref('stg_salesforce__leads') }}

),

-- the macro reads it
people as (  -- noqa: ST03

    select
        contact_id as source_key,
        'customer' as party_class,
        given_name,
        cast(null as varchar) as middle_name,
        family_name,
        birth_date,
        cast(null as varchar) as gender,
        email,
        coalesce(mobile_phone, phone) as phone,
        street_line,
        postal_code,
        city,
        country,
        cast(null as varchar) as language,
        cast(null as varchar) as company,
        -- who names no country writes a phone number as the dealer's country does: `DE-003`
        {{ extract('dealer_code', '^([A-Z]{2})-') }} as dealer_country,
        created_at,
        updated_at
    from contacts

    union all

    select
        lead_id as source_key,
        'lead' as party_class,
        given_name,
        cast(null as varchar) as middle_name,
        family_name,
        null as birth_date,
        cast(null as varchar) as gender,
        email,
        phone,
        null as street_line,
        null as postal_code,
        null as city,
        null as country,
        cast(null as varchar) as language,
        company,
        {{ extract('dealer_code', '^([A-Z]{2})-') }} as dealer_country,
        created_at,
        updated_at
    from leads

)

select * from {{ crm_person_records('salesforce', 'people') }}
