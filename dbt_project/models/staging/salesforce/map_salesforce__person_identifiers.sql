with contact_points as (

    select * from {{ contact_identifiers(ref('map_salesforce__person_records')) }}

),

contacts as (

    select * from {{ ref('stg_salesforce__contacts') }}

),

leads as (

    select * from {{ ref('stg_salesforce__leads') }}

),

-- A contact carries its own key, and a lead the key of the contact it became: so they meet.
keys as (

    select
        'salesforce:' || contact_id as record_id,
        'salesforce_contact_id' as identifier_type,
        contact_id as identifier_value,
        updated_at as seen_at
    from contacts

    union all

    select
        'salesforce:' || contact_id as record_id,
        'kindred_id' as identifier_type,
        kindred_id as identifier_value,
        updated_at as seen_at
    from contacts

    union all

    select
        'salesforce:' || lead_id as record_id,
        'salesforce_contact_id' as identifier_type,
        converted_contact_id as identifier_value,
        updated_at as seen_at
    from leads

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
        'salesforce' as source_system,
        'first' as data_party,
        max(seen_at) as seen_at
    from all_identifiers
    where identifier_value is not null
    group by record_id, identifier_type, identifier_value

)

select * from final
