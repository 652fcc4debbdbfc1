with

identifiers as (select * from {{ ref('person_identifiers') }}),

strong as (

    select
        record_id,
        identifier_type,
        identifier_value,
        seen_at
    from identifiers
    where
        -- emails and phones are shared by families and are matched together with names
        identifier_type not in ('email', 'phone', 'vin')

),

latest as (

    -- a record names one key per system: on a device that two people used, the last one counts
    select
        record_id,
        identifier_type,
        identifier_value,
        row_number() over (
            partition by record_id, identifier_type
            order by seen_at desc nulls last, identifier_value asc
        ) as recency
    from strong

),

final as (

    select
        record_id,
        identifier_type,
        identifier_value
    from latest
    where recency = 1 or identifier_type in ('cookie', 'loyalty_card')

)

select * from final
