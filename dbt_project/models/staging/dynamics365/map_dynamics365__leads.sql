with leads as (

    select * from {{ ref('stg_dynamics365__leads') }}

),

accounts as (

    select * from {{ ref('stg_dynamics365__accounts') }}

),

final as (

    select
        'dynamics365:' || leads.lead_id as lead_id,
        'dynamics365:' || leads.lead_id as record_id,
        'dynamics365' as source_system,
        'first' as data_party,
        accounts.dealer_code,
        case leads.lead_source_code
            when 1 then 'web'
            when 2 then 'phone'
            when 3 then 'showroom'
            when 4 then 'event'
            else 'other'
        end as channel,
        leads.model,
        case leads.state_code
            when 1 then 'qualified'
            when 2 then 'lost'
            else 'open'
        end as status,
        leads.created_at,
        leads.first_response_at,
        leads.updated_at
    from leads
    left join accounts
        on leads.account_id = accounts.account_id

)

select * from final
