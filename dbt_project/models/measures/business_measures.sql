-- The few numbers that say how the company and the platform are doing on the day of the clock.
-- Each is a share or an average: numerator and denominator are kept, so that anybody can check it.
with

customers as (
    select * from {{ ref('dim_customers') }}
),

customer_measures as (
    select * from {{ ref('customer_measures') }}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
),

carts as (
    select * from {{ ref('carts') }}
),

orders as (
    select * from {{ ref('orders') }}
),

opportunities as (
    select * from {{ ref('opportunities') }}
),

known_customers as (
    select
        customer_id,
        record_count,
        lifecycle
    from customers
    where lifecycle <> 'visitor'
),

known_contactability as (
    select contactability.*
    from contactability
    inner join known_customers
        on contactability.customer_id = known_customers.customer_id
),

measured as (
    select
        'match_rate' as measure,
        'records per customer' as unit,
        cast(sum(record_count) as double) as numerator,
        cast(count(*) as double) as denominator
    from known_customers

    union all

    select
        'contactable_share_' || channel || '_' || purpose as measure,
        'share of customers' as unit,
        count(*) filter (where allowed) as numerator,
        count(*) as denominator
    from known_contactability
    group by channel, purpose

    union all

    select
        'active_customer_share' as measure,
        'share of buyers with an order in the last 365 days' as unit,
        count(*) filter (where orders_365 > 0) as numerator,
        count(*) as denominator
    from customer_measures
    where orders > 0

    union all

    select
        'repeat_rate' as measure,
        'share of buyers with more than one order' as unit,
        count(*) filter (where orders > 1) as numerator,
        count(*) as denominator
    from customer_measures
    where orders > 0

    union all

    select
        'revenue_per_buyer' as measure,
        'money per buyer, net' as unit,
        sum(lifetime_revenue) as numerator,
        count(*) as denominator
    from customer_measures
    where orders > 0

    union all

    select
        'cart_recovery' as measure,
        'share of finished carts that became an order' as unit,
        count(*) filter (where status = 'converted') as numerator,
        count(*) as denominator
    from carts
    where status in ('converted', 'abandoned')

    union all

    select
        'order_lead_time' as measure,
        'days from order to delivery of a car' as unit,
        sum({{ dbt.datediff('ordered_at', 'delivered_on', 'day') }}) as numerator,
        count(*) as denominator
    from orders
    where order_kind = 'vehicle' and delivered_on is not null and status <> 'cancelled'

    union all

    select
        'win_rate' as measure,
        'share of closed opportunities that were won' as unit,
        count(*) filter (where status = 'won') as numerator,
        count(*) as denominator
    from opportunities
    where status in ('won', 'lost')

    union all

    select
        'open_pipeline' as measure,
        'estimated money per open opportunity' as unit,
        sum(estimated_value) as numerator,
        count(*) as denominator
    from opportunities
    where status = 'open'

    union all

    select
        'weighted_pipeline' as measure,
        'estimated money times probability per open opportunity' as unit,
        -- exact numbers: a sum of others depends on the order of the rows
        sum(cast(estimated_value * probability as decimal(18, 2))) as numerator,
        count(*) as denominator
    from opportunities
    where status = 'open'

    union all

    select
        'satisfaction' as measure,
        'average score (0 to 10) of customers who answered' as unit,
        sum(satisfaction) as numerator,
        count(*) as denominator
    from customer_measures
    where satisfaction is not null
),

final as (
    select
        measure,
        unit,
        case when denominator > 0 then numerator / denominator end as value,
        coalesce(numerator, 0) as numerator,
        denominator,
        {{ as_of() }} as as_of
    from measured
)

select * from final
