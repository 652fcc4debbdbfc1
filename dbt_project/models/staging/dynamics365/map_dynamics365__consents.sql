-- A "do not" flag that is set is a withdrawal. A flag that is not set says nothing: it is the
-- default of the system, and nobody's consent.
with contacts as (

    select * from {{ ref('stg_dynamics365__contacts') }}

),

objections as (

    select
        contact_id,
        'donotemail' as flag,
        'email' as channel,
        flags_updated_at
    from contacts
    where do_not_email

    union all

    select
        contact_id,
        'donotbulkemail' as flag,
        'email' as channel,
        flags_updated_at
    from contacts
    where do_not_bulk_email

    union all

    select
        contact_id,
        'donotphone' as flag,
        'phone' as channel,
        flags_updated_at
    from contacts
    where do_not_phone

    union all

    select
        contact_id,
        'donotpostalmail' as flag,
        'post' as channel,
        flags_updated_at
    from contacts
    where do_not_post

),

final as (

    select
        'dynamics365:' || contact_id || ':' || flag as consent_id,
        'dynamics365:' || contact_id as record_id,
        'dynamics365' as source_system,
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
