with

tasks as (
    select * from {{ ref('tasks') }}
),

people as (
    select * from {{ ref('int_customers__named_records') }}
),

final as (
    select
        tasks.task_id,
        people.customer_id,
        people.given_name,
        people.family_name,
        tasks.kind,
        tasks.subject,
        tasks.owner,
        tasks.status,
        tasks.created_at,
        tasks.due_at,
        tasks.completed_at,
        coalesce(tasks.status = 'open' and tasks.due_at < {{ as_of() }}, false) as is_overdue,
        cast(
            case
                when tasks.status = 'open' and tasks.due_at < {{ as_of() }}
                    then {{ dbt.datediff('tasks.due_at', as_of(), 'day') }}
            end as bigint
        ) as days_overdue,
        tasks.source_system
    from tasks
    left join people
        on tasks.record_id = people.record_id
)

select * from final
