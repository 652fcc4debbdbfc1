with source as (

    select *
    from {{ latest_version(
        raw('dynamics365', 'contacts'),
        key='contactid', updated='modifiedon', tombstones=true
    ) }}

),

renamed as (

    select
        contactid as contact_id,
        {{ trimmed('firstname') }} as given_name,
        {{ trimmed('middlename') }} as middle_name,
        {{ trimmed('lastname') }} as family_name,
        {{ trimmed('emailaddress1') }} as email,
        {{ trimmed('mobilephone') }} as mobile_phone,
        {{ trimmed('telephone1') }} as phone,
        birthdate as birth_date,
        gendercode as gender_code,
        {{ trimmed('address1_line1') }} as street_line,
        {{ trimmed('address1_postalcode') }} as postal_code,
        {{ trimmed('address1_city') }} as city,
        {{ trimmed('address1_country') }} as country,
        {{ trimmed('kin_language') }} as language,
        donotemail as do_not_email,
        donotphone as do_not_phone,
        donotpostalmail as do_not_post,
        donotbulkemail as do_not_bulk_email,
        statecode as state_code,
        {{ trimmed('kin_customerid') }} as kindred_id,
        {{ trimmed('kin_segments') }} as kindred_segments,
        kin_propensity as kindred_propensity,
        kin_emailmarketing as kindred_email_marketing,
        _parentcustomerid_value as account_id,
        createdon as created_at,
        modifiedon as updated_at
    from source

)

select * from renamed
