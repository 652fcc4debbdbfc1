with

candidates as (select * from {{ ref('int_customers__candidates') }}),

pins as (select * from {{ ref('int_customers__pins') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

rules as (select * from {{ ref('survivorship_rules') }}),

ranks as (select * from {{ ref('source_ranks') }}),

customers as (
    select distinct customer_id from person_map
),

ruled as (

    select
        candidates.customer_id,
        candidates.attribute_group,
        candidates.record_id,
        candidates.source_system,
        candidates.value,
        candidates.value_key,
        candidates.completeness,
        candidates.issue,
        candidates.updated_at,
        rules.strategy,
        coalesce(ranks.source_rank, 99) as source_rank,
        coalesce(
            {{ dbt.datediff('candidates.updated_at', as_of(), 'day') }} > rules.fresh_days,
            -- nobody knows how old it is
            candidates.updated_at is null and rules.fresh_days is not null
        ) as is_stale,
        case
            when rules.strategy = 'most_frequent' and candidates.cluster_size > 1
                then count(*) over (
                    partition by
                        candidates.customer_id, candidates.attribute_group, candidates.value_key
                )
            else 0
        end as frequency
    from candidates
    inner join rules on candidates.attribute_group = rules.attribute_group
    left join ranks
        on
            candidates.attribute_group = ranks.attribute_group
            and candidates.source_system = ranks.source_system

    union all

    select
        pins.customer_id,
        pins.attribute_group,
        pins.record_id,
        'steward' as source_system,
        pins.value,
        pins.value_key,
        0 as completeness,
        null as issue,
        pins.pinned_at as updated_at,
        'pinned' as strategy,
        0 as source_rank,
        false as is_stale,
        0 as frequency
    from pins
    inner join customers on pins.customer_id = customers.customer_id

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, attribute_group
            order by
                case when strategy = 'pinned' then 0 else 1 end,
                case when issue is null then 0 else 1 end,
                case when is_stale then 1 else 0 end,
                case when strategy = 'source_priority' then source_rank else 0 end,
                case when strategy = 'most_complete' then -completeness else 0 end,
                case when strategy = 'most_frequent' then -frequency else 0 end,
                -- frequency and completeness tie often: there the better source comes before date
                case
                    when strategy in ('most_complete', 'most_frequent') then source_rank else 0
                end,
                case when strategy = 'least_recent' then updated_at end asc nulls last,
                updated_at desc nulls last,
                source_rank asc,
                record_id asc
        ) as place
    from ruled

),

final as (

    select
        customer_id,
        attribute_group,
        record_id,
        source_system,
        value,
        value_key,
        strategy,
        source_rank,
        issue,
        is_stale,
        updated_at,
        place
    from ranked

)

select * from final
