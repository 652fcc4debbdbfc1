-- What was known about a customer on each of five days, and whether accessories were ordered in
-- the ninety days after. Time is cut into quarters of 90 days, counted back from the clock: quarter
-- 0 is the last 90 days. Snapshot n lies 90 x n days back, so it sees quarters from n on, and the
-- windows of 30, 90 and 360 days are the end of a quarter, a quarter, and four: the timeline is
-- read once and counted per quarter, not read once per snapshot and window.
--
-- Nothing may be used that was not known on the day:
--   * only customers whom a source had on file by then;
--   * a visitor's clicks count from the day the visitor said who he is, not from the day they
--     happened: who identifies himself while ordering would otherwise give the order away;
--   * an order's present status is not looked at, only the days on which it changed.
{%- set snapshots = 5 %}
{%- set counted = {
    'page_views': "activity_type = 'page_viewed'",
    'product_views': "activity_type = 'product_viewed'",
    'products_added': "activity_type = 'product_added'",
    'carts_abandoned': "activity_type = 'cart_abandoned'",
    'emails_sent': "activity_type = 'email_sent'",
    'emails_opened': "activity_type = 'email_opened'",
    'emails_clicked': "activity_type = 'email_clicked'",
    'leads': "activity_type = 'lead_created'",
    'service_visits': "activity_type = 'service_visited'",
    'accessory_orders': "activity_type = 'order_placed' and channel = 'shop'",
} %}
{%- set lately = ['product_views', 'products_added', 'accessory_orders'] %}
with

records as (
    select
        record_id,
        party_class,
        coalesce(created_at, updated_at) as known_at
    from {{ ref('person_records') }}
),

people as (
    select
        record_id,
        customer_id,
        created_by_kindred
    from {{ ref('bridge_customer_records') }}
),

customers as (
    select
        customer_id,
        birth_date
    from {{ ref('dim_customers') }}
),

orders as (
    select * from {{ ref('orders') }}
),

order_status_changes as (
    select * from {{ ref('order_status_changes') }}
),

vehicles as (
    select * from {{ ref('vehicles') }}
),

web_events as (
    select * from {{ ref('web_events') }}
),

activities as (
    select * from {{ ref('fct_activities') }}
),

snapshots as (
    {%- for number in range(snapshots) %}
    select
        cast({{ dbt.dateadd('day', -90 * number, as_of()) }} as date) as snapshot_date,
        {{ number }} as quarter
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

visitors_identified as (
    select
        record_id,
        min(occurred_at) as identified_at
    from web_events
    where event_type = 'identify'
    group by record_id
),

dated as (
    select
        activities.customer_id,
        activities.activity_type,
        activities.channel,
        activities.amount,
        activities.occurred_at,
        {{ dbt.datediff('activities.occurred_at', as_of(), 'day') }} - 1 as days_back,
        {{ dbt.datediff('greatest(activities.occurred_at, coalesce('
            ~ 'visitors_identified.identified_at, activities.occurred_at))', as_of(), 'day') }}
        - 1 as known_days_back
    from activities
    left join visitors_identified
        on activities.record_id = visitors_identified.record_id
    where
        activities.activity_type in (
            'order_placed', 'service_visited', 'page_viewed', 'product_viewed', 'product_added',
            'cart_abandoned', 'email_sent', 'email_opened', 'email_clicked', 'lead_created'
        )
        and activities.occurred_at < {{ as_of() }}
        and (activities.channel <> 'web' or visitors_identified.identified_at is not null)
),

quarters as (
    select
        customer_id,
        cast(floor(days_back / 90) as integer) as quarter,
        cast(floor(known_days_back / 90) as integer) as known_quarter,
        {%- for name, condition in counted.items() %}
        count(*) filter (where {{ condition }}) as {{ name }},
        {%- endfor %}
        {%- for name in lately %}
        count(*) filter (where {{ counted[name] }} and days_back % 90 < 30) as {{ name }}_30,
        {%- endfor %}
        sum(amount) filter (where {{ counted['accessory_orders'] }}) as accessory_spend,
        max(occurred_at) filter (where {{ counted['accessory_orders'] }})
            as last_accessory_order_at,
        max(occurred_at) filter (where {{ counted['service_visits'] }}) as last_service_at,
        max(occurred_at) filter (where channel = 'web') as last_web_at
    from dated
    group by customer_id, quarter, known_quarter
),

known_since as (
    select
        people.customer_id,
        min(records.known_at) as known_since
    from records
    inner join people
        on records.record_id = people.record_id
    -- whom only Kindred brought into a system has no more to do with us than before
    where records.party_class in ('customer', 'lead') and not people.created_by_kindred
    group by people.customer_id
),

-- Whoever has no date at all is known as of today only.
subjects as (
    select
        known_since.customer_id,
        snapshots.snapshot_date,
        snapshots.quarter,
        {{ dbt.datediff('known_since.known_since', 'snapshots.snapshot_date', 'day') }}
            as tenure_days,
        {{ dbt.datediff('customers.birth_date', 'snapshots.snapshot_date', 'year') }}
            as age_years
    from known_since
    inner join customers
        on known_since.customer_id = customers.customer_id
    inner join snapshots
        on
            known_since.known_since < snapshots.snapshot_date
            or (known_since.known_since is null and snapshots.quarter = 0)
),

behaviour as (
    {%- for number in range(snapshots) %}
    select
        customer_id,
        {{ number }} as quarter,
        {%- for name in lately %}
        sum({{ name }}_30) filter (where quarter = {{ number }}) as {{ name }}_30,
        {%- endfor %}
        {%- for name in lately + [
            'page_views', 'carts_abandoned', 'emails_opened', 'emails_clicked',
        ] %}
        sum({{ name }}) filter (where quarter = {{ number }}) as {{ name }}_90,
        {%- endfor %}
        {%- for name in lately + [
            'accessory_spend', 'service_visits', 'emails_sent', 'leads',
        ] %}
        sum({{ name }}) filter (where quarter < {{ number + 4 }}) as {{ name }}_360,
        {%- endfor %}
        sum(accessory_orders) as accessory_orders_ever,
        max(last_accessory_order_at) as last_accessory_order_at,
        max(last_service_at) as last_service_at,
        max(last_web_at) as last_web_at
    from quarters
    where quarter >= {{ number }} and known_quarter >= {{ number }}
    group by customer_id
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

cancelled as (
    select
        order_id,
        min(changed_at) as cancelled_at
    from order_status_changes
    where status = 'cancelled'
    group by order_id
),

cars as (
    select
        people.customer_id,
        orders.ordered_at,
        orders.delivered_on,
        case
            when orders.status = 'cancelled'
                then coalesce(cancelled.cancelled_at, orders.updated_at, orders.ordered_at)
        end as cancelled_at
    from orders
    inner join people
        on orders.record_id = people.record_id
    left join cancelled
        on orders.order_id = cancelled.order_id
    where orders.order_kind = 'vehicle'

    union all

    select
        people.customer_id,
        cast(vehicles.delivered_on as timestamp) as ordered_at,
        vehicles.delivered_on,
        cast(null as timestamp) as cancelled_at
    from vehicles
    inner join people
        on vehicles.record_id = people.record_id
    where vehicles.delivered_on is not null
),

driving as (
    select
        cars.customer_id,
        snapshots.snapshot_date,
        max(cars.delivered_on) filter (where cars.delivered_on < snapshots.snapshot_date)
            as last_delivered_on,
        max(
            case
                when
                    (cars.delivered_on is null or cars.delivered_on >= snapshots.snapshot_date)
                    and (cars.cancelled_at is null or cars.cancelled_at >= snapshots.snapshot_date)
                    then 1
                else 0
            end
        ) as waiting_for_car
    from cars
    inner join snapshots
        on cars.ordered_at < snapshots.snapshot_date
    group by cars.customer_id, snapshots.snapshot_date
),

ordered_after as (
    select distinct
        people.customer_id,
        snapshots.snapshot_date
    from orders
    inner join people
        on orders.record_id = people.record_id
    inner join snapshots
        on
            orders.ordered_at >= snapshots.snapshot_date
            and orders.ordered_at < {{ dbt.dateadd('day', 90, 'snapshots.snapshot_date') }}
            and snapshots.quarter > 0
    where
        orders.order_kind = 'accessory'
        and orders.status <> 'cancelled'
        and orders.net_amount > 0
),

final as (
    select
        subjects.customer_id,
        subjects.snapshot_date,
        cast(subjects.tenure_days as bigint) as tenure_days,
        cast(subjects.age_years as bigint) as age_years,
        {%- for name in (
            'product_views_30', 'product_views_90', 'product_views_360', 'products_added_30',
            'products_added_90', 'products_added_360', 'accessory_orders_30', 'accessory_orders_90',
            'accessory_orders_360', 'accessory_orders_ever', 'page_views_90', 'carts_abandoned_90',
            'emails_opened_90', 'emails_clicked_90', 'emails_sent_360', 'service_visits_360',
            'leads_360',
        ) %}
        cast(coalesce(behaviour.{{ name }}, 0) as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(behaviour.accessory_spend_360, 0) as double) as accessory_spend_360,
        {%- for name, moment in (
            ('days_since_accessory_order', 'behaviour.last_accessory_order_at'),
            ('days_since_service', 'behaviour.last_service_at'),
            ('days_since_web_visit', 'behaviour.last_web_at'),
            ('days_since_car_delivery', 'driving.last_delivered_on'),
        ) %}
        cast({{ dbt.datediff(moment, 'subjects.snapshot_date', 'day') }} as bigint) as {{ name }},
        {%- endfor %}
        cast(coalesce(driving.waiting_for_car, 0) as bigint) as waiting_for_car,
        case
            when subjects.quarter > 0 then ordered_after.customer_id is not null
        end as label
    from subjects
    left join behaviour
        on
            subjects.customer_id = behaviour.customer_id
            and subjects.quarter = behaviour.quarter
    left join driving
        on
            subjects.customer_id = driving.customer_id
            and subjects.snapshot_date = driving.snapshot_date
    left join ordered_after
        on
            subjects.customer_id = ordered_after.customer_id
            and subjects.snapshot_date = ordered_after.snapshot_date
)

select * from final
