with leads as (

    select * from {{ ref('stg_salesforce__leads') }}

),

final as (

    select
        'salesforce:' || lead_id as lead_id,
        'salesforce:' || lead_id as record_id,
        'salesforce' as source_system,
        'first' as data_party,
        dealer_code,
        case
            when lower(lead_source) like 'web%' then 'web'
            when lower(lead_source) like 'phone%' then 'phone'
            when lower(lead_source) in ('showroom', 'walk-in', 'walk in') then 'showroom'
            when lower(lead_source) like '%event%' or lower(lead_source) = 'trade show' then 'event'
            else 'other'
        end as channel,
        model,
        case status
            when 'Converted' then 'qualified'
            when 'Closed' then 'lost'
            else 'open'
        end as status,
        created_at,
        cast(null as timestamp) as first_response_at,
        updated_at
    from leads

)

select * from final
