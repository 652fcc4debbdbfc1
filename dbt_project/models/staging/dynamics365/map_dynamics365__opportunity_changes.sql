-- Every version that landed says in which stage the opportunity was seen, and since when.
with versions as (

    select
        opportunityid as opportunity_id,
        {{ dynamics365_stage(trimmed('stepname')) }} as stage,
        modifiedon as changed_at
    from {{ raw('dynamics365', 'opportunities') }}
    where not coalesce(_deleted, false)

),

final as (

    select
        'dynamics365:' || opportunity_id || ':' || stage as change_id,
        'dynamics365:' || opportunity_id as opportunity_id,
        'dynamics365' as source_system,
        'first' as data_party,
        stage,
        min(changed_at) as changed_at
    from versions
    where opportunity_id is not null and changed_at is not null
    group by opportunity_id, stage

)

select * from final
