with

opportunities as (
    select * from {{ ref('opportunities') }}
),

people as (
    select * from {{ ref('int_customers__named_records') }}
),

final as (
    select
        opportunities.opportunity_id,
        people.customer_id,
        people.given_name,
        people.family_name,
        opportunities.dealer_code,
        opportunities.model,
        opportunities.stage,
        opportunities.status,
        opportunities.estimated_value,
        opportunities.probability,
        cast(opportunities.estimated_value * opportunities.probability as decimal(18, 2))
            as weighted_value,
        opportunities.expected_close_on,
        opportunities.closed_on,
        opportunities.lost_reason,
        opportunities.created_at,
        cast(
            {{ dbt.datediff(
                'opportunities.created_at',
                'coalesce(opportunities.closed_on, ' ~ as_of() ~ ')', 'day') }} as bigint
        ) as days_open,
        coalesce(
            opportunities.status = 'open' and opportunities.expected_close_on < {{ as_of() }}, false
        ) as is_overdue,
        opportunities.source_system
    from opportunities
    left join people
        on opportunities.record_id = people.record_id
)

select * from final
