with source as (

    select *
    from {{ latest_version(
        raw('dynamics365', 'leads'),
        key='leadid', updated='modifiedon', tombstones=true
    ) }}

),

renamed as (

    select
        leadid as lead_id,
        {{ trimmed('firstname') }} as given_name,
        {{ trimmed('lastname') }} as family_name,
        {{ trimmed('emailaddress1') }} as email,
        {{ trimmed('telephone1') }} as phone,
        {{ trimmed('subject') }} as subject,
        leadsourcecode as lead_source_code,
        {{ trimmed('kin_model') }} as model,
        _parentaccountid_value as account_id,
        _parentcontactid_value as contact_id,
        statecode as state_code,
        kin_firstresponseon as first_response_at,
        createdon as created_at,
        modifiedon as updated_at
    from source

)

select * from renamed
