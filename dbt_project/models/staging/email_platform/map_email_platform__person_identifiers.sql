with contact_points as (

    select * from {{ contact_identifiers(ref('map_email_platform__person_records')) }}

),

contacts as (

    select * from {{ ref('stg_email_platform__contacts') }}

),

keys as (

    select
        'email_platform:' || contact_id as record_id,
        'email_contact_id' as identifier_type,
        contact_id as identifier_value,
        updated_at as seen_at
    from contacts

    union all

    select
        'email_platform:' || contact_id as record_id,
        'kindred_id' as identifier_type,
        created_for as identifier_value,
        updated_at as seen_at
    from contacts

),

all_identifiers as (

    select * from contact_points
    union all
    select * from keys

),

final as (

    select
        record_id,
        identifier_type,
        identifier_value,
        'email_platform' as source_system,
        'first' as data_party,
        max(seen_at) as seen_at
    from all_identifiers
    where identifier_value is not null
    group by record_id, identifier_type, identifier_value

)

select * from final
