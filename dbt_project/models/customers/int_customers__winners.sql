with

candidates as (select * from {{ ref('int_customers__candidates') }}),

rules as (select * from {{ ref('survivorship_rules') }}),

ranks as (select * from {{ ref('source_ranks') }}),

ruled as (

    select
        candidates.*,
        rules.strategy,
        coalesce(ranks.source_rank, 99) as source_rank,
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

),

ranked as (

    select
        *,
        row_number() over (
            partition by customer_id, attribute_group
            order by
                case when strategy = 'source_priority' then source_rank else 0 end,
                case when strategy = 'most_complete' then -completeness else 0 end,
                case when strategy = 'most_frequent' then -frequency else 0 end,
                -- frequency and completeness tie often: there the better source comes before date
                case
                    when strategy in ('most_complete', 'most_frequent') then source_rank else 0
                end,
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
        updated_at,
        place
    from ranked

)

select * from final
