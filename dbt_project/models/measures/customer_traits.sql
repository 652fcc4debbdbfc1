-- The profile that segments are cut from: one wide row per customer, so that a segment is a filter
-- in words of the business and is counted in one scan. Visitors without a name are left out: nobody
-- can be addressed who is only a cookie.
{%- set thirds = {
    'income_index': 'double', 'urbanity': 'varchar', 'family_share': 'double',
    'brand_affinity': 'double', 'ev_affinity': 'double', 'insured_product': 'varchar',
    'insurance_ends_on': 'date',
} %}
{%- set measured = [
    'lifetime_revenue', 'vehicle_revenue', 'accessory_revenue', 'service_spend', 'orders',
    'vehicle_orders', 'accessory_orders', 'orders_365', 'orders_with_discount', 'returns',
    'returned_amount', 'first_order_at', 'last_order_at', 'days_since_last_order', 'average_basket',
    'discount_share', 'service_visits', 'last_service_at', 'identified_at', 'web_events_90',
    'emails_sent_365', 'emails_opened_365', 'emails_clicked_365', 'opened_night_365',
    'opened_morning_365', 'opened_afternoon_365', 'opened_evening_365', 'calls_365',
    'last_contact_at', 'days_since_last_contact', 'last_activity_at', 'satisfaction',
    'surveys_answered',
] %}
{%- set ways = [
    'email_service', 'email_marketing', 'email_profiling', 'email_third_party',
    'phone_service', 'phone_marketing', 'phone_profiling', 'phone_third_party',
    'sms_service', 'sms_marketing', 'sms_profiling', 'sms_third_party',
    'post_service', 'post_marketing', 'post_profiling', 'post_third_party',
    'ads_service', 'ads_marketing', 'ads_profiling', 'ads_third_party',
] %}
{%- set bands = ['evening', 'afternoon', 'morning', 'night'] %}
{%- set most_opened = 'nullif(greatest(measures.opened_'
    ~ bands | join('_365, measures.opened_') ~ '_365), 0)' %}
with

aged as (
    select
        *,
        case
            when {{ dbt.dateadd('year', 'years', 'birth_date') }} > {{ as_of() }} then years - 1
            else years
        end as age
    from (
        select
            *,
            {{ dbt.datediff('birth_date', as_of(), 'year') }} as years
        from {{ ref('dim_customers') }}
    ) as dated
    where lifecycle <> 'visitor' and not coalesce(deceased, false)
),

customers as (
    select
        *,
        country_code || '-' || substr(postal_code, 1, 1) as region,
        case
            when age < 30 then '18-29'
            when age < 45 then '30-44'
            when age < 60 then '45-59'
            when age >= 60 then '60+'
        end as age_band
    from aged
),

measures as (
    select * from {{ ref('customer_measures') }}
),

enrichment as (
    select * from {{ ref('customer_enrichment') }}
),

activities as (
    select * from {{ ref('fct_activities') }}
),

people as (
    select
        record_id,
        customer_id
    from {{ ref('bridge_customer_records') }}
),

contactability as (
    select * from {{ ref('fct_contactability') }}
    where allowed
),

orders as (
    select * from {{ ref('orders') }}
),

order_lines as (
    select * from {{ ref('order_lines') }}
),

products as (
    select
        product_code,
        max(category) as category
    from {{ ref('products') }}
    group by product_code
),

vehicles as (
    select * from {{ ref('vehicles') }}
),

scores as (
    select * from {{ derived('propensity_scores') }}
    where model = 'propensity_accessories'
),

waiting as (
    select
        people.customer_id,
        count(*) as cars_waited_for,
        cast(min(orders.ordered_at) as date) as waiting_since
    from orders
    inner join people
        on orders.record_id = people.record_id
    where
        orders.order_kind = 'vehicle'
        and orders.status = 'open'
        and (orders.delivered_on is null or orders.delivered_on > {{ as_of() }})
    group by people.customer_id
),

-- A car counts for its newest owner; a leased car that went back is nobody's.
owned as (
    select
        people.customer_id,
        count(*) as cars,
        max(vehicles.delivered_on) as last_car_on,
        max(vehicles.warranty_until) as warranty_until,
        min(vehicles.lease_until) as lease_until
    from vehicles
    inner join people
        on vehicles.record_id = people.record_id
    where vehicles.lease_until is null or vehicles.lease_until >= {{ as_of() }}
    group by people.customer_id
),

-- What somebody looks at counts once, what he bought counts five times.
interest_points as (
    select
        activities.customer_id,
        products.category,
        count(*) as points
    from activities
    inner join products
        on activities.subject_id = products.product_code
    where
        activities.activity_type in ('product_viewed', 'product_added')
        and activities.occurred_at >= {{ dbt.dateadd('day', -365, as_of()) }}
    group by activities.customer_id, products.category

    union all

    select
        people.customer_id,
        products.category,
        5 * count(*) as points
    from order_lines
    inner join orders
        on order_lines.order_id = orders.order_id
    inner join people
        on orders.record_id = people.record_id
    inner join products
        on order_lines.product_code = products.product_code
    where orders.status in ('open', 'completed') and orders.net_amount > 0
    group by people.customer_id, products.category
),

interest_sums as (
    select
        customer_id,
        category,
        sum(points) as points
    from interest_points
    group by customer_id, category
),

interests as (
    select
        customer_id,
        {{ last_value_by('category', 'points') }} as interest,
        cast(max(points) as bigint) as interest_points
    from interest_sums
    group by customer_id
),

enriched as (
    select
        customer_id,
        {%- for attribute, type in thirds.items() %}
        max(case when attribute = '{{ attribute }}' then try_cast(value as {{ type }}) end)
            as {{ attribute }},
        {%- endfor %}
        min(valid_until) filter (where data_party = 'third') as licensed_until
    from enrichment
    group by customer_id
),

-- One bit per channel and purpose: one sum instead of twenty counts.
allowed as (
    select
        customer_id,
        sum(
            case channel
                {%- for channel in ['email', 'phone', 'sms', 'post', 'ads'] %}
                when '{{ channel }}' then {{ 16 ** loop.index0 }}
                {%- endfor %}
            end
            * case purpose
                {%- for purpose in ['service', 'marketing', 'profiling', 'third_party'] %}
                when '{{ purpose }}' then {{ 2 ** loop.index0 }}
                {%- endfor %}
            end
        ) as bits
    from contactability
    group by customer_id
),

-- Whom the windows below compare, and by what: they would carry every column along.
compared as (
    select
        customers.customer_id,
        customers.age_band,
        customers.region,
        customers.lifecycle,
        measures.orders,
        measures.lifetime_revenue,
        measures.days_since_last_order,
        measures.lifetime_revenue + measures.service_spend as spend,
        measures.service_visits,
        measures.web_events_90 + measures.emails_clicked_365 + measures.calls_365 as engagement
    from customers
    inner join measures
        on customers.customer_id = measures.customer_id
),

-- Fifths of the buyers: equal values share a fifth, so the answer doesn't depend on row order.
buyers as (
    select
        customer_id,
        5 - least(4, cast(floor(5 * percent_rank() over (order by days_since_last_order)) as int))
            as recency_fifth,
        1 + least(4, cast(floor(5 * percent_rank() over (order by orders)) as int))
            as frequency_fifth,
        1 + least(4, cast(floor(5 * percent_rank() over (order by lifetime_revenue)) as int))
            as money_fifth
    from compared
    where orders > 0
),

peers as (
    select
        customer_id,
        count(*) over alike as peers,
        percent_rank() over (alike order by spend) as spend_percentile,
        percent_rank() over (alike order by service_visits) as visits_percentile,
        percent_rank() over (alike order by engagement) as engagement_percentile
    from compared
    window alike as (partition by age_band, region, lifecycle)
),

final as (
    select
        customers.customer_id,
        customers.lifecycle,
        customers.given_name is not null as has_name,
        customers.email is not null as has_email,
        customers.gender,
        customers.language,
        customers.country_code,
        customers.region,
        cast(customers.age as bigint) as age,
        customers.age_band,
        cast(customers.first_seen_at as date) as first_seen_on,
        {%- for measure in measured %}
        measures.{{ measure }},
        {%- endfor %}
        cast({{ dbt.datediff('measures.first_order_at', as_of(), 'day') }} as bigint)
            as days_since_first_order,
        cast(greatest(
            measures.last_order_at, coalesce(measures.last_service_at, measures.last_order_at)
        ) as date) as last_purchase_on,
        -- The part of the day with the most opens; of equal ones the later.
        {{ most_opened }} as opened_in_best_band,
        case {{ most_opened }}
            {%- for band in bands %}
            when measures.opened_{{ band }}_365 then '{{ band }}'
            {%- endfor %}
        end as best_email_band,
        case
            when measures.emails_sent_365 > 0
                then least(1.0, measures.emails_opened_365 * 1.0 / measures.emails_sent_365)
        end as email_open_rate,
        coalesce(waiting.cars_waited_for, 0) as cars_waited_for,
        waiting.waiting_since,
        coalesce(owned.cars, 0) as cars,
        owned.last_car_on,
        owned.warranty_until,
        owned.lease_until,
        interests.interest,
        coalesce(interests.interest_points, 0) as interest_points,
        scores.score as accessories_propensity,
        scores.decile as accessories_decile,
        cast(scores.scored_at as date) as scored_on,
        {%- for attribute in thirds %}
        enriched.{{ attribute }},
        {%- endfor %}
        {%- for way in ways %}
        coalesce(mod(cast(floor(allowed.bits / {{ 2 ** loop.index0 }}) as bigint), 2) = 1, false)
            as {{ way }}_allowed,
        {%- endfor %}
        enriched.licensed_until,
        cast(buyers.recency_fifth as bigint) as recency_fifth,
        cast(buyers.frequency_fifth as bigint) as frequency_fifth,
        cast(buyers.money_fifth as bigint) as money_fifth,
        peers.peers,
        peers.spend_percentile,
        peers.visits_percentile,
        peers.engagement_percentile,
        cast(
            case
                when
                    measures.last_service_at < {{ dbt.dateadd('day', -540, as_of()) }}
                    or measures.last_service_at is null then 1
                else 0
            end
            + case
                when measures.emails_sent_365 >= 5 and measures.emails_opened_365 = 0
                    then 1
                else 0
            end
            + case when measures.web_events_90 = 0 then 1 else 0 end
            + case when measures.satisfaction <= 6 then 1 else 0 end
            + case when owned.warranty_until < {{ as_of() }} then 1 else 0 end
            as bigint
        ) as signs_of_leaving
    from customers
    inner join measures
        on customers.customer_id = measures.customer_id
    left join waiting
        on customers.customer_id = waiting.customer_id
    left join owned
        on customers.customer_id = owned.customer_id
    left join interests
        on customers.customer_id = interests.customer_id
    left join scores
        on customers.customer_id = scores.customer_id
    left join allowed
        on customers.customer_id = allowed.customer_id
    left join enriched
        on customers.customer_id = enriched.customer_id
    left join buyers
        on customers.customer_id = buyers.customer_id
    left join peers
        on customers.customer_id = peers.customer_id
)

select * from final
