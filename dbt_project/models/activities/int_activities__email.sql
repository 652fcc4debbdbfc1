-- Emails sent, and what became of them.
-- The materialization, `by_day`, adds whose record it is.
-- depends_on: {{ ref('bridge_customer_records') }}
with

email_events as (
    select * from {{ ref('email_events') }}
),

final as (
    select
        'email_event:' || event_id as activity_id,
        record_id,
        case event_type
            when 'send' then 'email_sent'
            when 'open' then 'email_opened'
            when 'click' then 'email_clicked'
            when 'unsubscribe' then 'email_unsubscribed'
            when 'complaint' then 'email_complained'
            else 'email_bounced'
        end as activity_type,
        'email' as channel,
        source_system,
        data_party,
        occurred_at,
        campaign_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        coalesce(url, event_type) as detail
    from email_events
)

select * from final
