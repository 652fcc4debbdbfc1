-- From send to order. People are counted once per campaign, whatever they did twice. An accessory
-- order belongs to the campaign that its buyer clicked last, within fourteen days before ordering.
{%- set days_to_order = 14 %}
with

campaigns as (
    select * from {{ ref('campaigns') }}
),

email_events as (
    select * from {{ ref('email_events') }}
),

orders as (
    select * from {{ ref('orders') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

-- each person once per kind first: counting distinct people per kind takes five times as long
responders as (
    select distinct
        campaign_id,
        record_id,
        case when event_type in ('bounce_hard', 'bounce_soft') then 'bounce' else event_type end
            as event_type
    from email_events
    where campaign_id is not null and record_id is not null
),

responses as (
    select
        campaign_id,
        {%- for event_type, name in (
            ('send', 'sent'), ('bounce', 'bounced'), ('open', 'opened'), ('click', 'clicked'),
            ('unsubscribe', 'unsubscribed'),
        ) %}
        count(*) filter (where event_type = '{{ event_type }}') as {{ name }},
        {%- endfor %}
        count(*) filter (where event_type = 'complaint') as complained
    from responders
    group by campaign_id
),

clicks as (
    select
        people.customer_id,
        email_events.campaign_id,
        email_events.event_id,
        email_events.occurred_at as clicked_at
    from email_events
    inner join people
        on email_events.record_id = people.record_id
    where email_events.event_type = 'click' and email_events.campaign_id is not null
),

accessory_orders as (
    select
        people.customer_id,
        orders.order_id,
        orders.ordered_at,
        orders.net_amount
    from orders
    inner join people
        on orders.record_id = people.record_id
    where
        orders.order_kind = 'accessory'
        and orders.status in ('open', 'completed')
        and orders.net_amount > 0
),

attributed as (
    select
        clicks.campaign_id,
        accessory_orders.order_id,
        accessory_orders.net_amount,
        row_number() over (
            partition by accessory_orders.order_id
            order by clicks.clicked_at desc, clicks.event_id desc
        ) as place
    from accessory_orders
    inner join clicks
        on
            accessory_orders.customer_id = clicks.customer_id
            and accessory_orders.ordered_at >= clicks.clicked_at
            and accessory_orders.ordered_at
            < {{ dbt.dateadd('day', days_to_order, 'clicks.clicked_at') }}
),

ordered as (
    select
        campaign_id,
        count(*) as orders,
        sum(net_amount) as order_value
    from attributed
    where place = 1
    group by campaign_id
),

final as (
    select
        campaigns.campaign_id,
        campaigns.name,
        campaigns.subject,
        campaigns.topic,
        campaigns.sent_at,
        {%- for name in ('sent', 'bounced', 'opened', 'clicked', 'unsubscribed', 'complained') %}
        coalesce(responses.{{ name }}, 0) as {{ name }},
        {%- endfor %}
        coalesce(ordered.orders, 0) as orders,
        cast(coalesce(ordered.order_value, 0) as decimal(18, 2)) as order_value,
        {%- for name, part in (('open_rate', 'opened'), ('click_rate', 'clicked')) %}
        case
            when responses.sent > responses.bounced
                then cast(responses.{{ part }} as double) / (responses.sent - responses.bounced)
        end as {{ name }},
        {%- endfor %}
        case
            when responses.clicked > 0
                then cast(coalesce(ordered.orders, 0) as double) / responses.clicked
        end as orders_per_click
    from campaigns
    left join responses
        on campaigns.campaign_id = responses.campaign_id
    left join ordered
        on campaigns.campaign_id = ordered.campaign_id
)

select * from final
