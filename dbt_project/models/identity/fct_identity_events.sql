with

events as (select * from {{ derived('identity_events') }}),

final as (

    select
        event_id,
        event_type,
        customer_id,
        other_customer_id,
        record_count,
        occurred_at,
        reason
    from events

)

select * from final
