{{ config(materialized='table') }}

{%- set person = [
    'first_name', 'last_name', 'email', 'phone', 'mobile_phone', 'birthdate', 'mailing_street',
    'mailing_postal_code', 'mailing_city', 'mailing_country',
] -%}
{%- set flags = ['has_opted_out_of_email', 'do_not_call'] -%}

with source as (

    -- an id has 15 characters; the other three only repeat their case
    select *
    from {{ held_and_stated(
        raw('salesforce', 'contacts'),
        key='id', stated=person + flags, own_key='kindred_id_c',
        updated='system_modstamp', updated_by='left(last_modified_by_id, 15)',
        created='created_date', created_by='left(created_by_id, 15)'
    ) }}

),

renamed as (

    select
        id as contact_id,
        {{ trimmed('stated_first_name') }} as given_name,
        {{ trimmed('stated_last_name') }} as family_name,
        {{ trimmed('stated_email') }} as email,
        {{ trimmed('stated_phone') }} as phone,
        {{ trimmed('stated_mobile_phone') }} as mobile_phone,
        stated_birthdate as birth_date,
        {{ trimmed('stated_mailing_street') }} as street_line,
        {{ trimmed('stated_mailing_postal_code') }} as postal_code,
        {{ trimmed('stated_mailing_city') }} as city,
        {{ trimmed('stated_mailing_country') }} as country,
        has_opted_out_of_email,
        do_not_call,
        {{ flags_stated_at(flags, 'system_modstamp') }} as flags_updated_at,
        {{ trimmed('kindred_id_c') }} as kindred_id,
        case when is_our_creation then {{ trimmed('kindred_id_c') }} end as created_for,
        {{ trimmed('kindred_segments_c') }} as kindred_segments,
        kindred_propensity_c as kindred_propensity,
        {{ trimmed('email') }} as held_email,
        {{ trimmed('dealer_code_c') }} as dealer_code,
        created_date as created_at,
        stated_at as updated_at
    from source

)

select * from renamed
