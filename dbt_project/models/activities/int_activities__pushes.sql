-- What Kindred itself brought to other systems, and how it ended. The answer names the customer as
-- he was called then; it belongs to whoever he is now.
with

outcomes as (
    select * from {{ derived('sync_outcomes') }}
),

customers as (
    select customer_id from {{ ref('dim_customers') }}
),

successors as (
    select * from {{ ref('int_identity__successors') }}
),

named as (
    select
        outcomes.*,
        coalesce(successors.successor_id, outcomes.customer_id) as customer_now
    from outcomes
    left join successors
        on outcomes.customer_id = successors.customer_id
),

final as (
    select
        'sync:' || named.outcome_id as activity_id,
        customers.customer_id,
        cast(null as varchar) as record_id,
        'profile_' || named.action as activity_type,
        named.destination as channel,
        'kindred' as source_system,
        'first' as data_party,
        named.occurred_at,
        named.sync as subject_id,
        cast(null as decimal(18, 2)) as amount,
        named.action as detail
    from named
    inner join customers
        on named.customer_now = customers.customer_id
)

select * from final
