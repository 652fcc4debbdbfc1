{{ config(materialized='table') }}

{%- set person = [
    'firstname', 'middlename', 'lastname', 'emailaddress1', 'mobilephone', 'telephone1',
    'birthdate', 'gendercode', 'address1_line1', 'address1_postalcode', 'address1_city',
    'address1_country', 'kin_language',
] -%}
{%- set flags = ['donotemail', 'donotphone', 'donotpostalmail', 'donotbulkemail'] -%}

with source as (

    select *
    from {{ held_and_stated(
        raw('dynamics365', 'contacts'),
        key='contactid', stated=person + flags, own_key='kin_customerid',
        updated='modifiedon', updated_by='_modifiedby_value',
        created='createdon', created_by='_createdby_value'
    ) }}

),

renamed as (

    select
        contactid as contact_id,
        {{ trimmed('stated_firstname') }} as given_name,
        {{ trimmed('stated_middlename') }} as middle_name,
        {{ trimmed('stated_lastname') }} as family_name,
        {{ trimmed('stated_emailaddress1') }} as email,
        {{ trimmed('stated_mobilephone') }} as mobile_phone,
        {{ trimmed('stated_telephone1') }} as phone,
        stated_birthdate as birth_date,
        stated_gendercode as gender_code,
        {{ trimmed('stated_address1_line1') }} as street_line,
        {{ trimmed('stated_address1_postalcode') }} as postal_code,
        {{ trimmed('stated_address1_city') }} as city,
        {{ trimmed('stated_address1_country') }} as country,
        {{ trimmed('stated_kin_language') }} as language,
        donotemail as do_not_email,
        donotphone as do_not_phone,
        donotpostalmail as do_not_post,
        donotbulkemail as do_not_bulk_email,
        {{ flags_stated_at(flags, 'modifiedon') }} as flags_updated_at,
        statecode as state_code,
        {{ trimmed('kin_customerid') }} as kindred_id,
        case when is_our_creation then {{ trimmed('kin_customerid') }} end as created_for,
        {{ trimmed('kin_segments') }} as kindred_segments,
        kin_propensity as kindred_propensity,
        kin_emailmarketing as kindred_email_marketing,
        {{ trimmed('emailaddress1') }} as held_email,
        _parentcustomerid_value as account_id,
        createdon as created_at,
        stated_at as updated_at
    from source

)

select * from renamed
