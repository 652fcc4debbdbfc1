-- Every version that landed says in which stage the opportunity was seen, and since when.
with versions as (

    select
        id as opportunity_id,
        {{ salesforce_stage(trimmed('stage_name')) }} as stage,
        system_modstamp as changed_at
    from {{ raw('salesforce', 'opportunities') }}
    where not coalesce(_deleted, false)

),

final as (

    select
        'salesforce:' || opportunity_id || ':' || stage as change_id,
        'salesforce:' || opportunity_id as opportunity_id,
        'salesforce' as source_system,
        'first' as data_party,
        stage,
        min(changed_at) as changed_at
    from versions
    where opportunity_id is not null and changed_at is not null
    group by opportunity_id, stage

)

select * from final
