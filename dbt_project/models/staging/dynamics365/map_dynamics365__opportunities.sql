with opportunities as (

    select * from {{ ref('stg_dynamics365__opportunities') }}

),

accounts as (

    select * from {{ ref('stg_dynamics365__accounts') }}

),

final as (

    select
        'dynamics365:' || opportunities.opportunity_id as opportunity_id,
        'dynamics365:' || opportunities.contact_id as record_id,
        'dynamics365' as source_system,
        'first' as data_party,
        accounts.dealer_code,
        opportunities.model,
        {{ dynamics365_stage('opportunities.step_name') }} as stage,
        case opportunities.state_code
            when 1 then 'won'
            when 2 then 'lost'
            else 'open'
        end as status,
        coalesce(opportunities.actual_value, opportunities.estimated_value) as estimated_value,
        opportunities.close_probability / 100.0 as probability,
        opportunities.expected_close_on,
        opportunities.closed_on,
        opportunities.lost_reason,
        opportunities.created_at,
        opportunities.updated_at
    from opportunities
    left join accounts
        on opportunities.account_id = accounts.account_id

)

select * from final
