with deceased as (

    select * from {{ ref('stg_registers__deceased') }}

),

moved as (

    select * from {{ ref('stg_registers__moved') }}

),

do_not_contact as (

    select * from {{ ref('stg_registers__do_not_contact') }}

),

entries as (

    select
        'deceased' as register,
        entry_id,
        action,
        given_names,
        family_name,
        birth_date,
        null as street,
        null as house_number,
        postal_code,
        city,
        country_code,
        null as phone,
        null as email,
        null as new_street,
        null as new_house_number,
        null as new_postal_code,
        null as new_city,
        null as new_country_code,
        null as channels,
        died_on as effective_on,
        recorded_on
    from deceased

    union all

    select
        'moved' as register,
        entry_id,
        action,
        given_names,
        family_name,
        birth_date,
        old_street as street,
        old_house_number as house_number,
        old_postal_code as postal_code,
        old_city as city,
        old_country_code as country_code,
        null as phone,
        null as email,
        new_street,
        new_house_number,
        new_postal_code,
        new_city,
        new_country_code,
        null as channels,
        moved_on as effective_on,
        recorded_on
    from moved

    union all

    select
        'do_not_contact' as register,
        entry_id,
        action,
        given_names,
        family_name,
        null as birth_date,
        street,
        house_number,
        postal_code,
        city,
        country_code,
        phone,
        email,
        null as new_street,
        null as new_house_number,
        null as new_postal_code,
        null as new_city,
        null as new_country_code,
        channels,
        recorded_on as effective_on,
        recorded_on
    from do_not_contact

),

final as (

    select
        'registers:' || register || ':' || entry_id as entry_id,
        'registers' as source_system,
        'third' as data_party,
        register,
        coalesce(lower(action), 'add') as action,
        {{ clean_text('given_names') }} as given_names,
        {{ clean_text('family_name') }} as family_name,
        birth_date,
        {{ clean_text('street') }} as street,
        {{ clean_house_number('house_number') }} as house_number,
        {{ clean_postal_code('postal_code', 'upper(country_code)') }} as postal_code,
        {{ clean_text('city') }} as city,
        upper(country_code) as country_code,
        {{ clean_phone('phone', 'upper(country_code)') }} as phone,
        {{ clean_email('email') }} as email,
        {{ clean_text('new_street') }} as new_street,
        {{ clean_house_number('new_house_number') }} as new_house_number,
        {{ clean_postal_code(
            'new_postal_code', 'upper(coalesce(new_country_code, country_code))'
        ) }} as new_postal_code,
        {{ clean_text('new_city') }} as new_city,
        -- A forwarding address without a country lies in the country of the old one.
        case
            when coalesce(new_postal_code, new_street) is not null
                then upper(coalesce(new_country_code, country_code))
        end as new_country_code,
        lower(channels) as channels,
        effective_on,
        recorded_on
    from entries

)

select * from final
