-- Calls and tasks, opportunities and leads.
-- The materialization, `by_day`, adds whose record it is.
-- depends_on: {{ ref('bridge_customer_records') }}
with

tasks as (
    select * from {{ ref('tasks') }}
),

opportunities as (
    select * from {{ ref('opportunities') }}
),

opportunity_changes as (
    select * from {{ ref('opportunity_changes') }}
),

leads as (
    select * from {{ ref('leads') }}
),

final as (
    select
        'task:' || task_id as activity_id,
        record_id,
        case
            when status = 'cancelled' then kind || '_cancelled'
            when status = 'completed' then kind || '_completed'
            else kind || '_planned'
        end as activity_type,
        case when kind = 'call' then 'phone' else 'crm' end as channel,
        source_system,
        data_party,
        coalesce(completed_at, created_at) as occurred_at,
        task_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        subject as detail
    from tasks

    union all

    select
        'opportunity_opened:' || opportunity_id as activity_id,
        record_id,
        'opportunity_opened' as activity_type,
        'crm' as channel,
        source_system,
        data_party,
        created_at as occurred_at,
        opportunity_id as subject_id,
        estimated_value as amount,
        model as detail
    from opportunities

    union all

    select
        'opportunity_stage:' || opportunity_changes.change_id as activity_id,
        opportunities.record_id,
        'opportunity_moved' as activity_type,
        'crm' as channel,
        opportunity_changes.source_system,
        opportunity_changes.data_party,
        opportunity_changes.changed_at as occurred_at,
        opportunity_changes.opportunity_id as subject_id,
        opportunities.estimated_value as amount,
        opportunity_changes.stage as detail
    from opportunity_changes
    inner join opportunities
        on opportunity_changes.opportunity_id = opportunities.opportunity_id
    where
        opportunity_changes.changed_at > opportunities.created_at
        and (
            opportunities.closed_on is null
            or cast(opportunity_changes.changed_at as date) < opportunities.closed_on
        )

    union all

    select
        'opportunity_closed:' || opportunity_id as activity_id,
        record_id,
        'opportunity_' || status as activity_type,
        'crm' as channel,
        source_system,
        data_party,
        cast(closed_on as timestamp) as occurred_at,
        opportunity_id as subject_id,
        estimated_value as amount,
        coalesce(lost_reason, model) as detail
    from opportunities
    where status in ('won', 'lost')

    union all

    select
        'lead_created:' || lead_id as activity_id,
        record_id,
        'lead_created' as activity_type,
        channel,
        source_system,
        data_party,
        created_at as occurred_at,
        lead_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        model as detail
    from leads

    union all

    select
        'lead_answered:' || lead_id as activity_id,
        record_id,
        'lead_answered' as activity_type,
        channel,
        source_system,
        data_party,
        first_response_at as occurred_at,
        lead_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        model as detail
    from leads
)

select * from final
