with source as (

    select *
    from {{ latest_version(
        raw('dynamics365', 'phonecalls'),
        key='activityid', updated='modifiedon', tombstones=true
    ) }}

),

renamed as (

    select
        activityid as phonecall_id,
        {{ trimmed('subject') }} as subject,
        directioncode as is_outgoing,
        scheduledend as due_at,
        actualend as completed_at,
        statecode as state_code,
        _regardingobjectid_value as contact_id,
        _ownerid_value as owner,
        createdon as created_at,
        modifiedon as updated_at
    from source

)

select * from renamed
