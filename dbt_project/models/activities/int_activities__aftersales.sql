-- Visits to the workshop, and what people said in surveys.
-- The materialization, `by_day`, adds whose record it is.
-- depends_on: {{ ref('bridge_customer_records') }}
with

service_visits as (
    select * from {{ ref('service_visits') }}
),

surveys as (
    select * from {{ ref('surveys') }}
),

final as (
    select
        'service_visit:' || visit_id as activity_id,
        record_id,
        'service_visited' as activity_type,
        'dealer' as channel,
        source_system,
        data_party,
        visited_at as occurred_at,
        visit_id as subject_id,
        net_amount as amount,
        kind as detail
    from service_visits

    union all

    select
        'survey:' || survey_id as activity_id,
        record_id,
        'survey_answered' as activity_type,
        'dealer' as channel,
        source_system,
        data_party,
        answered_at as occurred_at,
        coalesce(order_id, visit_id) as subject_id,
        cast(null as decimal(18, 2)) as amount,
        'score ' || score as detail
    from surveys
)

select * from final
