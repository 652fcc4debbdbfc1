-- An opt-out that is set is a withdrawal. One that is not set says nothing.
with contacts as (

    select * from {{ ref('stg_salesforce__contacts') }}

),

objections as (

    select
        contact_id,
        'has_opted_out_of_email' as flag,
        'email' as channel,
        flags_updated_at
    from contacts
    where has_opted_out_of_email

    union all

    select
        contact_id,
        'do_not_call' as flag,
        'phone' as channel,
        flags_updated_at
    from contacts
    where do_not_call

),

final as (

    select
        'salesforce:' || contact_id || ':' || flag as consent_id,
        'salesforce:' || contact_id as record_id,
        'salesforce' as source_system,
        'first' as data_party,
        null as contact_point,
        channel,
        'marketing' as purpose,
        'withdrawn' as status,
        flags_updated_at as stated_at,
        flag as evidence
    from objections

)

select * from final
