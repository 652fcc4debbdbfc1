-- One timeline of everything that happened with a person. Rows are keyed on the source's own rows,
-- and the person comes in last: when two customers are merged, or one is split, history follows.
with

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

customers as (
    select customer_id from {{ ref('dim_customers') }}
),

orders as (
    select * from {{ ref('orders') }}
),

order_status_changes as (
    select * from {{ ref('order_status_changes') }}
),

payments as (
    select * from {{ ref('payments') }}
),

service_visits as (
    select * from {{ ref('service_visits') }}
),

surveys as (
    select * from {{ ref('surveys') }}
),

web_events as (
    select * from {{ ref('web_events') }}
),

carts as (
    select * from {{ ref('carts') }}
),

email_events as (
    select * from {{ ref('email_events') }}
),

tasks as (
    select * from {{ ref('tasks') }}
),

opportunities as (
    select * from {{ ref('opportunities') }}
),

opportunity_changes as (
    select * from {{ ref('opportunity_changes') }}
),

register_matches as (
    select * from {{ ref('int_contactability__register_matches') }}
    where outcome = 'matched'
),

register_entries as (
    select
        entry_id,
        source_system,
        data_party
    from {{ ref('register_entries') }}
),

leads as (
    select * from {{ ref('leads') }}
),

consents as (
    select * from {{ ref('consents') }}
),

sync_outcomes as (
    select * from {{ derived('sync_outcomes') }}
),

recorded as (
    select
        'order:' || order_id as activity_id,
        record_id,
        case when net_amount < 0 then 'order_credited' else 'order_placed' end as activity_type,
        case when order_kind = 'vehicle' then 'dealer' else 'shop' end as channel,
        source_system,
        data_party,
        ordered_at as occurred_at,
        order_id as subject_id,
        net_amount as amount,
        coalesce(model, order_kind) as detail
    from orders

    union all

    select
        'order_status:' || order_status_changes.change_id as activity_id,
        orders.record_id,
        case
            when order_status_changes.status = 'delivered' then 'order_delivered'
            when order_status_changes.status = 'cancelled' then 'order_cancelled'
            else 'order_status_changed'
        end as activity_type,
        case when orders.order_kind = 'vehicle' then 'dealer' else 'shop' end as channel,
        order_status_changes.source_system,
        order_status_changes.data_party,
        order_status_changes.changed_at as occurred_at,
        order_status_changes.order_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        order_status_changes.status as detail
    from order_status_changes
    inner join orders
        on order_status_changes.order_id = orders.order_id

    union all

    select
        'payment:' || payments.payment_id as activity_id,
        orders.record_id,
        case when payments.kind = 'refund' then 'payment_refunded' else 'payment_made' end
            as activity_type,
        case when orders.order_kind = 'vehicle' then 'dealer' else 'shop' end as channel,
        payments.source_system,
        payments.data_party,
        payments.paid_at as occurred_at,
        payments.order_id as subject_id,
        payments.amount,
        payments.kind as detail
    from payments
    inner join orders
        on payments.order_id = orders.order_id

    union all

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

    union all

    select
        'web_event:' || event_id as activity_id,
        record_id,
        case event_type
            when 'page_view' then 'page_viewed'
            when 'product_view' then 'product_viewed'
            when 'identify' then 'visitor_identified'
            else event_type
        end as activity_type,
        'web' as channel,
        source_system,
        data_party,
        occurred_at,
        product_code as subject_id,
        cast(null as decimal(18, 2)) as amount,
        url as detail
    from web_events

    union all

    select
        'cart:' || cart_id as activity_id,
        record_id,
        case status when 'open' then 'cart_filled' else 'cart_' || status end as activity_type,
        'shop' as channel,
        source_system,
        data_party,
        coalesce(updated_at, created_at) as occurred_at,
        cart_id as subject_id,
        net_amount as amount,
        status as detail
    from carts

    union all

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

    union all

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

    union all

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
),

of_people as (
    select
        recorded.activity_id,
        people.customer_id,
        recorded.record_id,
        recorded.activity_type,
        recorded.channel,
        recorded.source_system,
        recorded.data_party,
        recorded.occurred_at,
        recorded.subject_id,
        recorded.amount,
        recorded.detail
    from recorded
    inner join people
        on recorded.record_id = people.record_id
    where recorded.occurred_at is not null
),

of_kindred as (
    select
        'sync:' || sync_outcomes.outcome_id as activity_id,
        sync_outcomes.customer_id,
        cast(null as varchar) as record_id,
        'profile_' || sync_outcomes.action as activity_type,
        sync_outcomes.destination as channel,
        'kindred' as source_system,
        'first' as data_party,
        sync_outcomes.occurred_at,
        sync_outcomes.sync as subject_id,
        cast(null as decimal(18, 2)) as amount,
        sync_outcomes.action as detail
    from sync_outcomes
    inner join customers
        on sync_outcomes.customer_id = customers.customer_id
),

of_registers as (
    select
        'register:' || register_matches.entry_id || ':' || register_matches.customer_id
            as activity_id,
        register_matches.customer_id,
        cast(null as varchar) as record_id,
        'register_' || register_matches.register as activity_type,
        'register' as channel,
        register_entries.source_system,
        register_entries.data_party,
        cast(coalesce(register_matches.effective_on, register_matches.recorded_on) as timestamp)
            as occurred_at,
        register_matches.entry_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        register_matches.evidence as detail
    from register_matches
    inner join register_entries
        on register_matches.entry_id = register_entries.entry_id
    inner join customers
        on register_matches.customer_id = customers.customer_id
    where coalesce(register_matches.effective_on, register_matches.recorded_on) is not null
),

final as (
    select * from of_people

    union all

    select * from of_registers

    union all

    select * from of_kindred
)

select * from final
