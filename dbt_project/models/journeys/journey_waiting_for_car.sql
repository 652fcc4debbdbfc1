-- The journey of somebody who waits for a car, as a query: which message is due to whom, and when.
-- A message's id is a hash of journey, version, customer, trigger and step: asked again tomorrow,
-- or about any day of the past, the same message has the same id, and so it is sent once.
{%- set journey = 'waiting_for_car' %}
{%- set version = 1 %}
{%- set days_to_act = 14 %}
{%- set delay_worth_telling = 7 %}
with

orders as (
    select * from {{ ref('orders') }}
),

order_status_changes as (
    select * from {{ ref('order_status_changes') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
),

waiting as (
    select
        people.customer_id,
        orders.order_id,
        cast(orders.ordered_at as date) as ordered_on,
        coalesce(orders.expected_on, orders.promised_on) as expected_on
    from orders
    inner join people
        on orders.record_id = people.record_id
    where
        orders.order_kind = 'vehicle'
        and orders.status = 'open'
        and (orders.delivered_on is null or orders.delivered_on > {{ as_of() }})
),

forecasts as (
    select
        order_id,
        changed_at,
        expected_on,
        lag(expected_on) over (partition by order_id order by changed_at, change_id)
            as expected_before
    from order_status_changes
    where expected_on is not null and changed_at < {{ dbt.dateadd('day', 1, as_of()) }}
),

delays as (
    select
        order_id,
        changed_at,
        expected_on,
        row_number() over (partition by order_id order by changed_at desc, expected_on desc)
            as newest
    from forecasts
    where {{ dbt.datediff('expected_before', 'expected_on', 'day') }} >= {{ delay_worth_telling }}
),

steps as (
    select
        customer_id,
        order_id,
        expected_on,
        'welcome' as step,
        order_id as trigger_key,
        ordered_on as due_on
    from waiting

    union all

    select
        customer_id,
        order_id,
        expected_on,
        'halfway' as step,
        order_id as trigger_key,
        cast({{ dbt.dateadd(
            'day', 'cast(floor(' ~ dbt.datediff('ordered_on', 'expected_on', 'day') ~ ' / 2) as integer)',
            'ordered_on') }} as date) as due_on
    from waiting
    where expected_on is not null

    union all

    select
        waiting.customer_id,
        waiting.order_id,
        waiting.expected_on,
        'delay_notice' as step,
        waiting.order_id || '|' || delays.expected_on as trigger_key,
        cast(delays.changed_at as date) as due_on
    from waiting
    inner join delays
        on waiting.order_id = delays.order_id
    where delays.newest = 1

    union all

    select
        customer_id,
        order_id,
        expected_on,
        'delivery_approaching' as step,
        order_id as trigger_key,
        cast({{ dbt.dateadd('day', -days_to_act, 'expected_on') }} as date) as due_on
    from waiting
    where expected_on is not null
),

dated as (
    select
        *,
        cast({{ dbt.dateadd('day', days_to_act, 'due_on') }} as date) as expires_on
    from steps
),

final as (
    select
        {{ dbt.hash(
            "'" ~ journey ~ "|" ~ version ~ "|' || dated.customer_id || '|' || dated.trigger_key"
            ~ " || '|' || dated.step") }} as message_id,
        '{{ journey }}' as journey,
        {{ version }} as version,
        dated.customer_id,
        dated.order_id,
        dated.step,
        dated.due_on,
        dated.expires_on,
        dated.due_on <= {{ as_of() }} as is_due,
        dated.expected_on,
        contactability.channel,
        contactability.purpose,
        contactability.contact_point
    from dated
    inner join contactability
        on dated.customer_id = contactability.customer_id
    where
        dated.expires_on > {{ as_of() }}
        and contactability.channel = 'email'
        and contactability.purpose = 'service'
        and contactability.allowed
)

select * from final
