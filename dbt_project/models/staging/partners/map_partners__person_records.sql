-- The insurer's policy holders, as on the policy that was shared last.
with policies as (

    select * from {{ ref('stg_partners__insurance_policies') }}

),

holders as (

    select *
    from (
        select
            *,
            {{ clean_country_code('country_code') }} as iso_country,
            min(shared_on) over (partition by holder_id) as first_shared_on,
            row_number() over (
                partition by holder_id
                order by shared_on desc, policy_number desc
            ) as policy_rank
        from policies
    ) as ranked
    where policy_rank = 1

),

final as (

    select
        'partners:' || holder_id as record_id,
        'partners' as source_system,
        'second' as data_party,
        'partner' as party_class,
        {{ clean_text('given_name') }} as given_name,
        null as middle_name,
        {{ clean_text('family_name') }} as family_name,
        birth_date,
        null as gender,
        {{ clean_email('email') }} as email,
        {{ clean_phone('phone', 'iso_country') }} as phone,
        {{ clean_text('street') }} as street,
        {{ clean_house_number('house_number') }} as house_number,
        {{ clean_postal_code('postal_code', 'iso_country') }} as postal_code,
        {{ clean_text('city') }} as city,
        iso_country as country_code,
        null as language,
        null as company,
        {{ trimmed('email') }} as email_as_written,
        {{ trimmed('phone') }} as phone_as_written,
        cast(birth_date as varchar) as birth_date_as_written,
        cast(first_shared_on as timestamp) as created_at,
        cast(shared_on as timestamp) as updated_at
    from holders

)

select * from final
