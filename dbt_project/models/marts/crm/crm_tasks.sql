with

tasks as (
    select * from {{ ref('tasks') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

customers as (
    select
        customer_id,
        given_name,
        family_name
    from {{ ref('dim_customers') }}
),

final as (
    select
        tasks.task_id,
        people.customer_id,
        customers.given_name,
        customers.family_name,
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
    left join customers
        on people.customer_id = customers.customer_id
)

select * from final
