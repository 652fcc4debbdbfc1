with

leads as (
    select * from {{ ref('leads') }}
),

people as (
    select * from {{ ref('int_customers__named_records') }}
),

customers as (
    select * from {{ ref('dim_customers') }}
),

final as (
    select
        leads.lead_id,
        people.customer_id,
        people.given_name,
        people.family_name,
        customers.lifecycle,
        leads.dealer_code,
        leads.channel,
        leads.model,
        leads.status,
        leads.created_at,
        leads.first_response_at,
        cast(
            {{ dbt.datediff('leads.created_at', 'leads.first_response_at', 'hour') }} as bigint
        ) as hours_to_response,
        cast(
            case
                when leads.status = 'open'
                    then {{ dbt.datediff('leads.created_at', as_of(), 'day') }}
            end as bigint
        ) as days_open,
        leads.source_system
    from leads
    left join people
        on leads.record_id = people.record_id
    left join customers
        on people.customer_id = customers.customer_id
)

select * from final
