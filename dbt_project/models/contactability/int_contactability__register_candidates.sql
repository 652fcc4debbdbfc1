with

entries as (

    select * from {{ ref('register_entries') }}
    where action = 'add'

),

keys as (select * from {{ ref('int_identity__records') }}),

records as (select * from {{ ref('person_records') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

nicknames as (select * from {{ ref('nicknames') }}),

nickname_keys as (

    select
        {{ name_key('nickname') }} as nickname_key,
        min({{ name_key('name') }}) as full_key
    from nicknames
    group by {{ name_key('nickname') }}

),

entry_names as (

    select
        entry_id,
        register,
        {{ name_key("split_part(given_names, ' ', 1)") }} as written_given_key,
        {{ name_key('given_names') }} as all_given_key,
        {{ name_key('family_name') }} as family_key,
        birth_date,
        {{ key_of_postal_code('postal_code', 'country_code') }} as postal_key,
        {{ key_of_house_number('house_number') }} as house_key,
        {{ name_key('city') }} as city_key,
        {{ key_of_phone('phone') }} as phone_key,
        {{ key_of_email('email') }} as email_key
    from entries

),

entry_keys as (

    select
        entry_names.*,
        coalesce(nickname_keys.full_key, entry_names.written_given_key) as given_key
    from entry_names
    left join nickname_keys on entry_names.written_given_key = nickname_keys.nickname_key

),

people as (

    select
        person_map.customer_id,
        keys.record_id,
        keys.given_key,
        keys.family_key,
        keys.initial,
        keys.birth_date,
        keys.postal_key,
        keys.house_key,
        keys.phone_key,
        keys.email_key,
        {{ name_key('records.city') }} as city_key
    from keys
    inner join person_map on keys.record_id = person_map.record_id
    inner join records on keys.record_id = records.record_id

),

-- customers worth a look: each line is one way to be the person of an entry
pairs as (

    {% for columns in [
        ['family_key', 'birth_date'],
        ['given_key', 'birth_date'],
        ['birth_date', 'postal_key'],
        ['family_key', 'postal_key'],
        ['phone_key'],
        ['email_key'],
    ] %}
    select
        entry_keys.entry_id,
        people.customer_id
    from entry_keys
    inner join people
        on
    {% for column in columns -%}
        entry_keys.{{ column }} = people.{{ column }}
        {{- ' and ' if not loop.last }}
    {%- endfor %}
    {{ 'union' if not loop.last }}
    {% endfor %}

),

-- every record of such a customer, compared with the entry; 4 agrees, 1 contradicts, 0 says nothing
compared as (

    select
        entry_keys.entry_id,
        entry_keys.register,
        people.customer_id,
        case
            when people.given_key is null and people.initial is null then 0
            when people.given_key is null and people.initial = left(entry_keys.given_key, 1) then 2
            when people.given_key is null then 1
            when people.given_key in (entry_keys.given_key, entry_keys.all_given_key) then 4
            when
                length(people.given_key) >= 3
                and entry_keys.all_given_key like people.given_key || '%' then 4
            when
                length(entry_keys.given_key) >= 3
                and people.given_key like entry_keys.given_key || '%' then 4
            when {{ similarity('people.given_key', 'entry_keys.given_key') }} >= 0.9 then 3
            else 1
        end as given_name,
        case
            when people.family_key is null then 0
            when people.family_key = entry_keys.family_key then 4
            when {{ similarity('people.family_key', 'entry_keys.family_key') }} >= 0.92 then 3
            else 1
        end as family_name,
        case
            when people.birth_date is null or entry_keys.birth_date is null then 0
            when people.birth_date = entry_keys.birth_date then 4
            else 1
        end as birth_date,
        people.postal_key is not null as place_known,
        people.postal_key = entry_keys.postal_key as same_postal_code,
        people.postal_key = entry_keys.postal_key and people.house_key = entry_keys.house_key
            as same_house,
        people.city_key = entry_keys.city_key as same_city,
        people.phone_key = entry_keys.phone_key as same_phone,
        people.email_key = entry_keys.email_key as same_email
    from pairs
    inner join entry_keys on pairs.entry_id = entry_keys.entry_id
    inner join people on pairs.customer_id = people.customer_id

),

final as (

    -- what any record of the customer confirms is confirmed
    select
        entry_id,
        register,
        customer_id,
        {% for field in ['given_name', 'family_name', 'birth_date'] %}
        case max({{ field }})
            when 4 then 'full' when 3 then 'close' when 2 then 'initial' when 1 then 'different'
            else 'missing'
        end as {{ field }},
        {% endfor %}
        {% for fact in [
            'place_known', 'same_postal_code', 'same_house', 'same_city', 'same_phone', 'same_email'
        ] %}
    coalesce(bool_or({{ fact }}), false) as {{ fact }}{{ ',' if not loop.last }}
    {% endfor %}
    from compared
    group by entry_id, register, customer_id

)

select * from final
