with

entries as (

    select * from {{ ref('register_entries') }}
    where
        register = 'do_not_contact'
        and action = 'add'
        and (effective_on is null or effective_on <= {{ as_of() }})

),

points as (

    select
        'phone' as channel,
        {{ key_of_phone('phone') }} as contact_point_key,
        coalesce(effective_on, recorded_on) as registered_on
    from entries
    where channels like '%phone%'
    union all
    select
        'email' as channel,
        {{ key_of_email('email') }} as contact_point_key,
        coalesce(effective_on, recorded_on) as registered_on
    from entries
    where channels like '%email%'

),

final as (

    select
        channel,
        contact_point_key,
        min(registered_on) as registered_on
    from points
    where contact_point_key is not null
    group by channel, contact_point_key

)

select * from final
