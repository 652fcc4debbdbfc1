-- How each dealer does. `unknown` gathers what names no dealer, so that sums over this table are
-- sums over the sources.
{%- set year_ago = dbt.dateadd('day', -365, as_of()) %}
{%- set two_years_ago = dbt.dateadd('day', -730, as_of()) %}
with

dealers as (
    select * from {{ ref('dealers') }}
),

orders as (
    select
        *,
        coalesce(dealer_code, 'unknown') as dealer
    from {{ ref('orders') }}
    where order_kind = 'vehicle'
),

opportunities as (
    select
        *,
        coalesce(dealer_code, 'unknown') as dealer
    from {{ ref('opportunities') }}
),

leads as (
    select
        *,
        coalesce(dealer_code, 'unknown') as dealer,
        {{ dbt.datediff('created_at', 'first_response_at', 'minute') }} / 60.0 as response_hours
    from {{ ref('leads') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

activities as (
    select
        customer_id,
        max(occurred_at) as last_service_at
    from {{ ref('fct_activities') }}
    where activity_type = 'service_visited'
    group by customer_id
),

sold as (
    select
        dealer,
        count(*) as vehicle_orders,
        sum(net_amount) as vehicle_revenue,
        count(*) filter (where ordered_at >= {{ year_ago }}) as orders_365,
        sum(net_amount) filter (where ordered_at >= {{ year_ago }}) as revenue_365,
        sum(net_amount) filter (
            where ordered_at >= {{ two_years_ago }} and ordered_at < {{ year_ago }}
        ) as revenue_year_before,
        count(*) filter (
            where ordered_at >= {{ two_years_ago }} and ordered_at < {{ year_ago }}
        ) as orders_year_before,
        avg({{ dbt.datediff('promised_on', 'delivered_on', 'day') }}) filter (
            where delivered_on >= {{ year_ago }}
        ) as delivery_delay_days
    from orders
    where status <> 'cancelled'
    group by dealer
),

retained as (
    select
        orders.dealer,
        count(distinct people.customer_id) as drivers,
        count(distinct people.customer_id) filter (
            where activities.last_service_at >= {{ year_ago }}
        ) as drivers_served
    from orders
    inner join people
        on orders.record_id = people.record_id
    left join activities
        on people.customer_id = activities.customer_id
    where orders.delivered_on < {{ year_ago }}
    group by orders.dealer
),

won as (
    select
        dealer,
        count(*) filter (where status = 'won') as opportunities_won,
        count(*) as opportunities_closed
    from opportunities
    where status in ('won', 'lost') and closed_on >= {{ year_ago }}
    group by dealer
),

answered as (
    select
        dealer,
        count(*) as leads_365,
        median(response_hours) as lead_response_hours
    from leads
    where created_at >= {{ year_ago }}
    group by dealer
),

every_dealer as (
    select dealer_code as dealer from dealers
    union
    select dealer from sold
    union
    select dealer from won
    union
    select dealer from answered
),

final as (
    select
        every_dealer.dealer as dealer_code,
        dealers.name,
        dealers.city,
        dealers.country_code,
        coalesce(sold.vehicle_orders, 0) as vehicle_orders,
        cast(coalesce(sold.vehicle_revenue, 0) as decimal(18, 2)) as vehicle_revenue,
        coalesce(sold.orders_365, 0) as orders_365,
        cast(coalesce(sold.revenue_365, 0) as decimal(18, 2)) as revenue_365,
        cast(coalesce(sold.revenue_year_before, 0) as decimal(18, 2)) as revenue_year_before,
        coalesce(sold.orders_year_before, 0) as orders_year_before,
        case
            when sold.revenue_year_before > 0
                then cast(
                    coalesce(sold.revenue_365, 0) / sold.revenue_year_before - 1 as double
                )
        end as revenue_trend,
        coalesce(answered.leads_365, 0) as leads_365,
        cast(answered.lead_response_hours as double) as lead_response_hours,
        coalesce(won.opportunities_won, 0) as opportunities_won_365,
        case
            when won.opportunities_closed > 0
                then cast(won.opportunities_won as double) / won.opportunities_closed
        end as conversion,
        cast(sold.delivery_delay_days as double) as delivery_delay_days,
        case
            when retained.drivers > 0
                then cast(retained.drivers_served as double) / retained.drivers
        end as service_retention,
        rank() over (order by coalesce(sold.revenue_365, 0) desc) as revenue_rank
    from every_dealer
    left join dealers
        on every_dealer.dealer = dealers.dealer_code
    left join sold
        on every_dealer.dealer = sold.dealer
    left join retained
        on every_dealer.dealer = retained.dealer
    left join won
        on every_dealer.dealer = won.dealer
    left join answered
        on every_dealer.dealer = answered.dealer
)

select * from final
