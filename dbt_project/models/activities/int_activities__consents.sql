-- What people allowed and forbade.
-- The materialization, `by_day`, adds whose record it is.
-- depends_on: {{ ref('bridge_customer_records') }}
with

consents as (
    select * from {{ ref('consents') }}
),

final as (
    select
        'consent:' || consent_id as activity_id,
        record_id,
        'consent_' || status as activity_type,
        channel,
        source_system,
        data_party,
        stated_at as occurred_at,
        consent_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        purpose as detail
    from consents
)

select * from final
