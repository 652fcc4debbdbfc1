with

pins as (select * from {{ derived('pins') }}),

final as (

    select
        customer_id,
        attribute_group,
        'pin:' || pin_id as record_id,
        case attribute_group
            when 'name' then nullif(trim(concat_ws(' ', given_name, middle_name, family_name)), '')
            when 'address' then {{ address_line() }}
            when 'birth_date' then birth_date
            when 'gender' then gender
            when 'email' then email
            when 'phone' then phone
            when 'language' then language
            when 'company' then company
        end as value,
        case attribute_group
            when 'name'
                then concat_ws('|', {{ name_key('given_name') }}, {{ name_key('family_name') }})
            when 'address'
                then concat_ws(
                    '|',
                    {{ key_of_postal_code('postal_code', 'country_code') }},
                    {{ key_of_house_number('house_number') }}
                )
            when 'birth_date' then birth_date
            when 'gender' then gender
            when 'email' then {{ key_of_email('email') }}
            when 'phone' then {{ key_of_phone('phone') }}
            when 'language' then language
            when 'company' then lower(company)
        end as value_key,
        given_name,
        middle_name,
        family_name,
        cast(birth_date as date) as birth_date,
        gender,
        email,
        phone,
        street,
        house_number,
        postal_code,
        city,
        country_code,
        language,
        company,
        pinned_by,
        reason,
        pinned_at
    from pins

)

select * from final
