with campaigns as (

    select * from {{ ref('stg_email_platform__campaigns') }}

),

final as (

    select
        'email_platform:' || campaign_id as campaign_id,
        'email_platform' as source_system,
        'first' as data_party,
        name,
        subject,
        topic,
        sent_at
    from campaigns

)

select * from final
