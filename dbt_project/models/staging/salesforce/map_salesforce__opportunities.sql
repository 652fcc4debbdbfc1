with opportunities as (

    select * from {{ ref('stg_salesforce__opportunities') }}

),

final as (

    select
        'salesforce:' || opportunity_id as opportunity_id,
        'salesforce:' || contact_id as record_id,
        'salesforce' as source_system,
        'first' as data_party,
        dealer_code,
        model,
        {{ salesforce_stage('stage_name') }} as stage,
        case
            when is_won then 'won'
            when is_closed then 'lost'
            else 'open'
        end as status,
        amount as estimated_value,
        probability / 100.0 as probability,
        close_date as expected_close_on,
        case when is_closed then close_date end as closed_on,
        lost_reason,
        created_at,
        updated_at
    from opportunities

)

select * from final
