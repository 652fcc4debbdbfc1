with source as (

    select *
    from {{ latest_version(
        raw('salesforce', 'tasks'),
        key='id', updated='system_modstamp', tombstones=true
    ) }}

),

renamed as (

    select
        id as task_id,
        {{ trimmed('subject') }} as subject,
        {{ trimmed('status') }} as status,
        activity_date as due_on,
        {{ trimmed('task_subtype') }} as subtype,
        who_id as contact_id,
        owner_id as owner,
        created_date as created_at,
        system_modstamp as updated_at
    from source

)

select * from renamed
