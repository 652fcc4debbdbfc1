with

candidates as (select * from {{ ref('int_contactability__register_candidates') }}),

entries as (

    select * from {{ ref('register_entries') }}
    where action = 'add'

),

-- strength of the agreement: 1 certain enough to act on its own, 2 if nobody else comes into
-- question, 3 worth a look by a person; null is no match
judged as (

    select
        *,
        case
            when register = 'do_not_contact'
                then case
                    when
                        (same_phone or same_email)
                        and family_name in ('full', 'close') and given_name <> 'different' then 1
                    when
                        same_house and family_name in ('full', 'close')
                        and given_name in ('full', 'close') then 1
                    when same_phone then 1
                    when same_house and family_name = 'full' and given_name = 'initial' then 2
                    when same_email then 3
                    when same_postal_code and family_name = 'full' and given_name = 'full' then 3
                end
            when birth_date = 'full'
                then case
                    when
                        given_name = 'full' and family_name = 'full'
                        and (same_postal_code or same_city or not place_known) then 1
                    when given_name = 'full' and same_postal_code then 1
                    when given_name = 'full' and family_name = 'full' then 2
                    when given_name = 'close' and family_name = 'full' and same_postal_code then 2
                    when given_name = 'full' and family_name = 'close' and same_city then 2
                    when
                        given_name = 'initial' and family_name = 'full'
                        and (same_postal_code or same_city) then 2
                    when
                        given_name in ('full', 'close', 'initial')
                        and family_name in ('full', 'close') then 3
                end
            -- a father and his son of one name differ in nothing but the birth date
            when birth_date = 'missing' and given_name = 'full' and family_name = 'full'
                then case
                    when register = 'moved' and same_house then 2
                    when same_postal_code then 3
                end
        end as strength
    from candidates

),

evident as (

    select
        entry_id,
        customer_id,
        strength,
        concat_ws(
            ', ',
            case given_name
                when 'full' then 'given name' when 'close' then 'given name (close)'
                when 'initial' then 'initial'
            end,
            case family_name
                when 'full' then 'family name' when 'close' then 'family name (close)'
            end,
            case when birth_date = 'full' then 'birth date' end,
            case
                when same_house then 'house' when same_postal_code then 'postal code'
                when same_city then 'city' when place_known then 'place differs'
            end,
            case when same_phone then 'phone' end,
            case when same_email then 'email' end
        ) as evidence,
        family_name in ('full', 'close') and given_name <> 'different' as names_fit
    from judged
    where strength is not null

),

rivals as (

    select
        *,
        min(strength) over (partition by entry_id) as best_strength,
        count(*) over (partition by entry_id, strength) as equals
    from evident

),

decided as (

    select
        entry_id,
        customer_id,
        case
            when strength = 1 then 'matched'
            when strength = 2 and best_strength = 2 and equals = 1 then 'matched'
            else 'review'
        end as outcome,
        evidence,
        names_fit
    from rivals

),

final as (

    select
        entries.entry_id,
        entries.register,
        decided.customer_id,
        coalesce(decided.outcome, 'not_found') as outcome,
        decided.evidence,
        -- a number on the register is forbidden for everyone; the rest concerns the person
        case
            when decided.names_fit or decided.customer_id is null then entries.channels
            else 'phone'
        end as channels,
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
    left join decided on entries.entry_id = decided.entry_id

)

select * from final
