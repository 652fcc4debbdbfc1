with

scores as (
    select * from {{ derived('propensity_scores') }}
),

customers as (
    select
        customer_id,
        deceased
    from {{ ref('dim_customers') }}
),

-- Decile 1 is the tenth that is most likely to order; a model that can't rank has no deciles.
final as (
    select
        scores.customer_id,
        'decile ' || scores.decile || ' of the propensity to order accessories' as entered_reason,
        cast(scores.scored_at as date) as since
    from scores
    inner join customers
        on scores.customer_id = customers.customer_id
    where
        scores.model = 'propensity_accessories'
        and scores.decile <= 2
        and not coalesce(customers.deceased, false)
)

select * from final
