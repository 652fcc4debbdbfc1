with source as (

    select *
    from {{ latest_version(
        raw('salesforce', 'contacts'),
        key='id', updated='system_modstamp', tombstones=true
    ) }}

),

renamed as (

    select
        id as contact_id,
        {{ trimmed('first_name') }} as given_name,
        {{ trimmed('last_name') }} as family_name,
        {{ trimmed('email') }} as email,
        {{ trimmed('phone') }} as phone,
        {{ trimmed('mobile_phone') }} as mobile_phone,
        birthdate as birth_date,
        {{ trimmed('mailing_street') }} as street_line,
        {{ trimmed('mailing_postal_code') }} as postal_code,
        {{ trimmed('mailing_city') }} as city,
        {{ trimmed('mailing_country') }} as country,
        has_opted_out_of_email,
        do_not_call,
        {{ trimmed('kindred_id_c') }} as kindred_id,
        {{ trimmed('kindred_segments_c') }} as kindred_segments,
        kindred_propensity_c as kindred_propensity,
        {{ trimmed('dealer_code_c') }} as dealer_code,
        created_date as created_at,
        system_modstamp as updated_at
    from source

)

select * from renamed
