with source as (

    select *
    from {{ latest_version(
        raw('salesforce', 'leads'),
        key='id', updated='system_modstamp', tombstones=true
    ) }}

),

renamed as (

    select
        id as lead_id,
        {{ trimmed('first_name') }} as given_name,
        {{ trimmed('last_name') }} as family_name,
        {{ trimmed('email') }} as email,
        {{ trimmed('phone') }} as phone,
        {{ trimmed('company') }} as company,
        {{ trimmed('status') }} as status,
        {{ trimmed('lead_source') }} as lead_source,
        {{ trimmed('dealer_code_c') }} as dealer_code,
        {{ trimmed('model_c') }} as model,
        converted_contact_id as contact_id,
        created_date as created_at,
        system_modstamp as updated_at
    from source

)

select * from renamed
