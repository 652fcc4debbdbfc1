-- The few numbers that say how the company and the platform are doing on the day of the clock, each
-- computed from its one definition in `_metrics.yml`.
-- depends_on: {{ ref('dim_customers') }}, {{ ref('customer_traits') }}
-- depends_on: {{ ref('customer_measures') }}, {{ ref('marketing_campaign_performance') }}
-- depends_on: {{ ref('carts') }}, {{ ref('opportunities') }}, {{ ref('orders') }}
with

computed as (
    select * from {{ computed_metrics() }}
),

final as (
    select
        measure,
        unit,
        case
            when denominator is null then numerator
            when denominator <> 0 then numerator / denominator
        end as value,
        coalesce(numerator, 0) as numerator,
        denominator,
        cast({{ as_of() }} as date) as as_of
    from computed
)

select * from final
