-- A message went to the address that the contact had then: Kindred, the person or a colleague may
-- have changed it since.
with versions as (

    select *
    from {{ raw('email_platform', 'contacts') }}
    where not coalesce(_deleted, false)

),

compared as (

    select
        contact_id,
        {{ trimmed('email') }} as email,
        updated_at,
        _dlt_load_id,
        row_number() over (
            partition by contact_id
            order by _dlt_load_id, updated_at
        ) as version_number,
        lag({{ trimmed('email') }}) over (
            partition by contact_id
            order by _dlt_load_id, updated_at
        ) as email_before
    from versions

),

changes as (

    select
        contact_id,
        email,
        version_number,
        -- what it was before we first read the contact, nobody knows
        case when version_number > 1 then updated_at end as held_from
    from compared
    where version_number = 1 or email is distinct from email_before

),

final as (

    select
        contact_id,
        email,
        held_from,
        lead(held_from) over (
            partition by contact_id
            order by version_number
        ) as held_until
    from changes

)

select * from final
