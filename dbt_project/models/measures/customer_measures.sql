-- What one customer has been worth, how recent and how frequent, and how engaged on each channel.
{%- set contact_activities = [
    'order_placed', 'order_delivered', 'service_visited', 'survey_answered', 'lead_created',
    'lead_answered', 'email_sent', 'email_clicked', 'call_completed', 'task_completed',
] %}
{%- set hour_bands = {
    'night': (0, 5), 'morning': (6, 11), 'afternoon': (12, 17), 'evening': (18, 23),
} %}
{%- set year_ago = dbt.dateadd('day', -365, as_of()) %}
{%- set quarter_ago = dbt.dateadd('day', -90, as_of()) %}
with

customers as (
    select customer_id from {{ ref('dim_customers') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

orders as (
    select * from {{ ref('orders') }}
),

order_lines as (
    select * from {{ ref('order_lines') }}
),

costs as (
    select
        product_code,
        max(purchase_price) as purchase_price
    from {{ ref('products') }}
    group by product_code
    having max(purchase_price) is not null
),

surveys as (
    select * from {{ ref('surveys') }}
),

activities as (
    select * from {{ ref('fct_activities') }}
),

-- A credit note is an order with a negative amount: it lowers revenue and is no purchase.
bought as (
    select
        people.customer_id,
        sum(orders.net_amount) as lifetime_revenue,
        sum(orders.net_amount) filter (where orders.order_kind = 'vehicle') as vehicle_revenue,
        sum(orders.net_amount) filter (where orders.order_kind = 'accessory') as accessory_revenue,
        sum(orders.discount_amount) as discount_amount,
        count(*) filter (where orders.net_amount > 0) as orders,
        count(*) filter (where orders.net_amount > 0 and orders.order_kind = 'vehicle')
            as vehicle_orders,
        count(*) filter (where orders.net_amount > 0 and orders.order_kind = 'accessory')
            as accessory_orders,
        count(*) filter (where orders.net_amount > 0 and orders.ordered_at >= {{ year_ago }})
            as orders_365,
        count(*) filter (where orders.net_amount > 0 and orders.discount_amount > 0)
            as orders_with_discount,
        count(*) filter (where orders.net_amount < 0) as returns,
        -coalesce(sum(orders.net_amount) filter (where orders.net_amount < 0), 0)
            as returned_amount,
        min(orders.ordered_at) filter (where orders.net_amount > 0) as first_order_at,
        max(orders.ordered_at) filter (where orders.net_amount > 0) as last_order_at
    from orders
    inner join people
        on orders.record_id = people.record_id
    where orders.status in ('open', 'completed')
    group by people.customer_id
),

-- Only lines of products whose cost a source tells: revenue and margin speak of the same lines.
earned as (
    select
        people.customer_id,
        sum(order_lines.net_amount) as costed_revenue,
        sum(order_lines.net_amount - order_lines.quantity * costs.purchase_price) as margin
    from order_lines
    inner join costs
        on order_lines.product_code = costs.product_code
    inner join orders
        on order_lines.order_id = orders.order_id
    inner join people
        on orders.record_id = people.record_id
    where orders.status in ('open', 'completed')
    group by people.customer_id
),

satisfied as (
    select
        people.customer_id,
        avg(surveys.score) as satisfaction,
        count(*) as surveys_answered
    from surveys
    inner join people
        on surveys.record_id = people.record_id
    group by people.customer_id
),

engaged as (
    select
        customer_id,
        sum(amount) filter (where activity_type = 'service_visited') as service_spend,
        count(*) filter (where activity_type = 'service_visited') as service_visits,
        max(occurred_at) filter (where activity_type = 'service_visited') as last_service_at,
        min(occurred_at) filter (where activity_type = 'visitor_identified') as identified_at,
        {%- for band, hours in hour_bands.items() %}
        count(*) filter (
            where
            activity_type = 'email_opened' and occurred_at >= {{ year_ago }}
            and hour(occurred_at) between {{ hours[0] }} and {{ hours[1] }}
        ) as opened_{{ band }}_365,
        {%- endfor %}
        count(*) filter (where channel = 'web' and occurred_at >= {{ quarter_ago }})
            as web_events_90,
        count(*) filter (where activity_type = 'email_sent' and occurred_at >= {{ year_ago }})
            as emails_sent_365,
        count(*) filter (where activity_type = 'email_opened' and occurred_at >= {{ year_ago }})
            as emails_opened_365,
        count(*) filter (where activity_type = 'email_clicked' and occurred_at >= {{ year_ago }})
            as emails_clicked_365,
        count(*) filter (where activity_type = 'call_completed' and occurred_at >= {{ year_ago }})
            as calls_365,
        max(occurred_at) filter (
            where activity_type in ({{ "'" ~ contact_activities | join("', '") ~ "'" }})
        ) as last_contact_at,
        max(occurred_at) filter (where source_system <> 'kindred') as last_activity_at
    from activities
    group by customer_id
),

final as (
    select
        customers.customer_id,
        cast(coalesce(bought.lifetime_revenue, 0) as decimal(18, 2)) as lifetime_revenue,
        cast(coalesce(bought.vehicle_revenue, 0) as decimal(18, 2)) as vehicle_revenue,
        cast(coalesce(bought.accessory_revenue, 0) as decimal(18, 2)) as accessory_revenue,
        cast(coalesce(engaged.service_spend, 0) as decimal(18, 2)) as service_spend,
        coalesce(bought.orders, 0) as orders,
        coalesce(bought.vehicle_orders, 0) as vehicle_orders,
        coalesce(bought.accessory_orders, 0) as accessory_orders,
        coalesce(bought.orders_365, 0) as orders_365,
        coalesce(bought.orders_with_discount, 0) as orders_with_discount,
        coalesce(bought.returns, 0) as returns,
        cast(coalesce(bought.returned_amount, 0) as decimal(18, 2)) as returned_amount,
        cast(coalesce(earned.costed_revenue, 0) as decimal(18, 2)) as costed_revenue,
        cast(coalesce(earned.margin, 0) as decimal(18, 2)) as margin,
        bought.first_order_at,
        bought.last_order_at,
        cast({{ dbt.datediff('bought.last_order_at', as_of(), 'day') }} as bigint)
            as days_since_last_order,
        cast(
            case
                when bought.accessory_orders > 0
                    then bought.accessory_revenue / bought.accessory_orders
            end as decimal(18, 2)
        ) as average_basket,
        cast(
            case
                when bought.lifetime_revenue + bought.discount_amount > 0
                    then bought.discount_amount / (bought.lifetime_revenue + bought.discount_amount)
            end as double
        ) as discount_share,
        coalesce(engaged.service_visits, 0) as service_visits,
        engaged.last_service_at,
        engaged.identified_at,
        coalesce(engaged.web_events_90, 0) as web_events_90,
        coalesce(engaged.emails_sent_365, 0) as emails_sent_365,
        coalesce(engaged.emails_opened_365, 0) as emails_opened_365,
        coalesce(engaged.emails_clicked_365, 0) as emails_clicked_365,
        {%- for band in hour_bands %}
        coalesce(engaged.opened_{{ band }}_365, 0) as opened_{{ band }}_365,
        {%- endfor %}
        coalesce(engaged.calls_365, 0) as calls_365,
        engaged.last_contact_at,
        cast({{ dbt.datediff('engaged.last_contact_at', as_of(), 'day') }} as bigint)
            as days_since_last_contact,
        engaged.last_activity_at,
        satisfied.satisfaction,
        coalesce(satisfied.surveys_answered, 0) as surveys_answered
    from customers
    left join bought
        on customers.customer_id = bought.customer_id
    left join earned
        on customers.customer_id = earned.customer_id
    left join engaged
        on customers.customer_id = engaged.customer_id
    left join satisfied
        on customers.customer_id = satisfied.customer_id
)

select * from final
