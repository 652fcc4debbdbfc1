with

matches as (select * from {{ derived('register_matches') }}),

entries as (

    -- as the registers say it now, from the day on which it is so
    select * from {{ ref('register_entries') }}
    where action = 'add' and (effective_on is null or effective_on <= {{ as_of() }})

),

final as (

    select
        entries.entry_id,
        entries.register,
        matches.customer_id,
        coalesce(matches.outcome, 'not_found') as outcome,
        matches.review_id,
        matches.record_id,
        matches.weight,
        matches.probability,
        matches.evidence,
        matches.reason,
        entries.channels,
        entries.effective_on,
        entries.recorded_on,
        entries.postal_code,
        entries.house_number,
        entries.country_code,
        {{ key_of_postal_code('entries.postal_code', 'entries.country_code') }} as postal_key,
        {{ key_of_house_number('entries.house_number') }} as house_key,
        entries.new_street,
        entries.new_house_number,
        entries.new_postal_code,
        entries.new_city,
        entries.new_country_code
    from entries
    left join matches on entries.entry_id = matches.entry_id

)

select * from final
