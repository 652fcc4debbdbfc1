with tasks as (

    select * from {{ ref('stg_salesforce__tasks') }}

),

final as (

    select
        'salesforce:' || task_id as task_id,
        'salesforce:' || contact_id as record_id,
        'salesforce' as source_system,
        'first' as data_party,
        case subtype when 'Call' then 'call' else 'task' end as kind,
        subject,
        owner,
        case status when 'Completed' then 'completed' else 'open' end as status,
        cast(due_on as timestamp) as due_at,
        -- Salesforce keeps no time of completion: the last change of a completed task is near.
        case status when 'Completed' then updated_at end as completed_at,
        created_at
    from tasks

)

select * from final
