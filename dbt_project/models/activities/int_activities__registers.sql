-- What public registers say of people. An entry is matched to a customer, not to a record of his.
with

matches as (
    select
        *,
        coalesce(effective_on, recorded_on) as happened_on
    from {{ ref('int_contactability__register_matches') }}
    where outcome = 'matched'
),

entries as (
    select
        entry_id,
        source_system,
        data_party
    from {{ ref('register_entries') }}
),

customers as (
    select customer_id from {{ ref('dim_customers') }}
),

final as (
    select
        'register:' || matches.entry_id || ':' || matches.customer_id as activity_id,
        matches.customer_id,
        cast(null as varchar) as record_id,
        'register_' || matches.register as activity_type,
        'register' as channel,
        entries.source_system,
        entries.data_party,
        cast(matches.happened_on as timestamp) as occurred_at,
        matches.entry_id as subject_id,
        cast(null as decimal(18, 2)) as amount,
        matches.evidence as detail
    from matches
    inner join entries
        on matches.entry_id = entries.entry_id
    inner join customers
        on matches.customer_id = customers.customer_id
    where matches.happened_on is not null
)

select * from final
