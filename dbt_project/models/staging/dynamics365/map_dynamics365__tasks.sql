with tasks as (

    select * from {{ ref('stg_dynamics365__tasks') }}

),

phonecalls as (

    select * from {{ ref('stg_dynamics365__phonecalls') }}

),

all_tasks as (

    select
        task_id,
        'task' as kind,
        contact_id,
        subject,
        owner,
        state_code,
        due_at,
        completed_at,
        created_at
    from tasks

    union all

    select
        phonecall_id as task_id,
        'call' as kind,
        contact_id,
        subject,
        owner,
        state_code,
        due_at,
        completed_at,
        created_at
    from phonecalls

),

final as (

    select
        'dynamics365:' || task_id as task_id,
        'dynamics365:' || contact_id as record_id,
        'dynamics365' as source_system,
        'first' as data_party,
        kind,
        subject,
        owner,
        case state_code
            when 1 then 'completed'
            when 2 then 'cancelled'
            else 'open'
        end as status,
        due_at,
        completed_at,
        created_at
    from all_tasks

)

select * from final
