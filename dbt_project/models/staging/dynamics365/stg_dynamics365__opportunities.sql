with source as (

    select *
    from {{ latest_version(
        raw('dynamics365', 'opportunities'),
        key='opportunityid', updated='modifiedon', tombstones=true
    ) }}

),

renamed as (

    select
        opportunityid as opportunity_id,
        {{ trimmed('name') }} as name,
        _parentcontactid_value as contact_id,
        _parentaccountid_value as account_id,
        {{ trimmed('stepname') }} as step_name,
        estimatedvalue as estimated_value,
        closeprobability as close_probability,
        estimatedclosedate as expected_close_on,
        actualclosedate as closed_on,
        actualvalue as actual_value,
        statecode as state_code,
        {{ trimmed('kin_model') }} as model,
        {{ trimmed('kin_lostreason') }} as lost_reason,
        createdon as created_at,
        modifiedon as updated_at
    from source

)

select * from renamed
