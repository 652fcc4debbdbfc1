{%- set quiet_days = 14 -%}
{%- set lease_days = 90 -%}
{%- set warranty_days = 60 -%}
{%- set moved_days = 30 -%}

with

opportunities as (
    select * from {{ ref('crm_opportunities') }}
    where status = 'open' and stage in ('propose', 'close')
),

people as (
    select * from {{ ref('int_customers__named_records') }}
),

orders as (
    select * from {{ ref('orders') }}
    where order_kind = 'vehicle' and status = 'open'
),

order_status_changes as (
    select * from {{ ref('order_status_changes') }}
),

vehicles as (
    select * from {{ ref('vehicles') }}
),

history as (
    select * from {{ ref('crm_contact_history') }}
),

tasks as (
    select * from {{ ref('crm_tasks') }}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
    where allowed and channel in ('email', 'phone', 'post')
),

-- somebody spoke with the person; a campaign's email is no conversation
conversations as (
    select
        customer_id,
        max(occurred_at) as last_spoken_at
    from history
    where
        activity_type in (
            'call_completed', 'task_completed', 'lead_created', 'lead_answered',
            'order_placed', 'service_visited'
        )
    group by customer_id
),

quiet_quotes as (
    select
        'open_quote' as kind,
        'service' as purpose,
        opportunities.opportunity_id as reference_id,
        opportunities.customer_id,
        opportunities.dealer_code,
        opportunities.model,
        cast(
            {{ dbt.dateadd('day', quiet_days, 'greatest(
                opportunities.created_at,
                coalesce(conversations.last_spoken_at, opportunities.created_at)
            )') }} as date
        ) as triggered_on,
        opportunities.expected_close_on as matters_on
    from opportunities
    left join conversations
        on opportunities.customer_id = conversations.customer_id
),

expectations as (
    select
        orders.order_id,
        orders.record_id,
        orders.dealer_code,
        orders.model,
        order_status_changes.changed_at,
        order_status_changes.expected_on,
        coalesce(
            lag(order_status_changes.expected_on) over (
                partition by orders.order_id
                order by order_status_changes.changed_at, order_status_changes.change_id
            ),
            orders.promised_on
        ) as expected_before
    from order_status_changes
    inner join orders
        on order_status_changes.order_id = orders.order_id
    where order_status_changes.expected_on is not null
),

latest_moves as (
    select *
    from (
        select
            *,
            row_number() over (partition by order_id order by changed_at desc) as recency
        from expectations
        where expected_on <> expected_before
    ) as moves
    where recency = 1
),

moved_deliveries as (
    select
        'delivery_moved' as kind,
        'service' as purpose,
        latest_moves.order_id as reference_id,
        people.customer_id,
        latest_moves.dealer_code,
        latest_moves.model,
        cast(latest_moves.changed_at as date) as triggered_on,
        latest_moves.expected_on as matters_on
    from latest_moves
    inner join people
        on latest_moves.record_id = people.record_id
    left join conversations
        on
            people.customer_id = conversations.customer_id
            and latest_moves.changed_at < conversations.last_spoken_at
    where
        conversations.customer_id is null
        and {{ dbt.datediff('latest_moves.changed_at', as_of(), 'day') }} <= {{ moved_days }}
),

ending as (
    {%- for kind, until, days in [
        ('lease_ending', 'lease_until', lease_days),
        ('warranty_ending', 'warranty_until', warranty_days),
    ] %}
    select
        '{{ kind }}' as kind,
        -- it is about another car or another contract
        'marketing' as purpose,
        vehicles.vehicle_id as reference_id,
        people.customer_id,
        cast(null as varchar) as dealer_code,
        vehicles.model,
        cast({{ dbt.dateadd('day', -days, 'vehicles.' ~ until) }} as date) as triggered_on,
        vehicles.{{ until }} as matters_on
    from vehicles
    inner join people
        on vehicles.record_id = people.record_id
    where vehicles.{{ until }} >= {{ as_of() }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

triggered as (
    select * from quiet_quotes
    union all
    select * from moved_deliveries
    union all
    select * from ending
),

allowed as (
    select
        customer_id,
        purpose,
        {{ text_list('channel', ',') }} as channels
    from contactability
    group by customer_id, purpose
),

-- whoever had the last task with the person knows the person
planned as (
    select
        customer_id,
        {{ last_value_by('owner', 'created_at') }} as owner,
        count(case when status = 'open' then 1 end) as open_tasks
    from tasks
    group by customer_id
),

named as (
    select distinct
        customer_id,
        given_name,
        family_name
    from people
),

final as (
    select
        triggered.kind || ':' || triggered.reference_id || ':' || triggered.triggered_on
            as follow_up_id,
        triggered.kind,
        triggered.customer_id,
        named.given_name,
        named.family_name,
        triggered.dealer_code,
        planned.owner,
        case triggered.kind
            when 'open_quote' then 'Ask about the open quote'
            when 'delivery_moved' then 'Tell the new delivery date'
            when 'lease_ending' then 'Talk about what comes after the lease'
            else 'Talk about what comes after the warranty'
        end || coalesce(' (' || triggered.model || ')', '') as subject,
        triggered.reference_id,
        triggered.triggered_on,
        cast({{ dbt.dateadd('day', 2, 'triggered.triggered_on') }} as date) as due_on,
        cast({{ dbt.dateadd('day', 2, 'triggered.triggered_on') }} as date) < {{ as_of() }}
            as is_overdue,
        triggered.matters_on,
        triggered.purpose,
        allowed.channels,
        cast(coalesce(planned.open_tasks, 0) as bigint) as open_tasks
    from triggered
    inner join named
        on triggered.customer_id = named.customer_id
    -- nobody is asked to speak to whom we may not speak
    inner join allowed
        on
            triggered.customer_id = allowed.customer_id
            and triggered.purpose = allowed.purpose
    left join planned
        on triggered.customer_id = planned.customer_id
    where triggered.triggered_on <= {{ as_of() }}
)

select * from final
