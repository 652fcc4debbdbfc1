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
    group by 1

),

entry_names as (

    select
        entry_id,
        register,
        {{ name_key("split_part(given_names, ' ', 1)") }} as written_given_key,
        {{ name_key('given_names') }} as all_given_key,
        {{ name_key('family_name') }} as family_key,
        birth_date,
        {{ postal_key('postal_code', 'country_code') }} as postal_key,
        {{ house_key('house_number') }} as house_key,
        {{ name_key('city') }} as city_key,
        {{ phone_key('phone') }} as phone_key,
        {{ email_key('email') }} as email_key
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

-- records worth a look: each line is one way to be the person of an entry
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
        people.record_id
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

compared as (

    select
        entry_keys.entry_id,
        entry_keys.register,
        people.customer_id,
        case
            when people.given_key is null and people.initial is null then 'missing'
            when people.given_key is null
                then case
                    when people.initial = left(entry_keys.given_key, 1) then 'initial'
                    else 'different'
                end
            when people.given_key = entry_keys.given_key
                or people.given_key = entry_keys.all_given_key
                or (length(people.given_key) >= 3 and entry_keys.all_given_key like people.given_key || '%')
                or (length(entry_keys.given_key) >= 3 and people.given_key like entry_keys.given_key || '%')
                then 'full'
            when {{ similarity('people.given_key', 'entry_keys.given_key') }} >= 0.9 then 'close'
            else 'different'
        end as given_name,
        case
            when people.family_key is null then 'missing'
            when people.family_key = entry_keys.family_key then 'full'
            when {{ similarity('people.family_key', 'entry_keys.family_key') }} >= 0.92 then 'close'
            else 'different'
        end as family_name,
        case
            when people.birth_date is null or entry_keys.birth_date is null then 'missing'
            when people.birth_date = entry_keys.birth_date then 'full'
            else 'different'
        end as birth_date,
        coalesce(people.phone_key = entry_keys.phone_key, false) as same_phone,
        coalesce(people.email_key = entry_keys.email_key, false) as same_email
    from pairs
    inner join entry_keys on pairs.entry_id = entry_keys.entry_id
    inner join people on pairs.record_id = people.record_id

),

-- place and birth date are judged over all records of the customer, whichever record led here
about_customers as (

    select
        pairs.entry_id,
        pairs.customer_id,
        bool_or(people.postal_key is not null) as place_known,
        coalesce(bool_or(people.postal_key = entry_keys.postal_key), false) as same_postal_code,
        coalesce(
            bool_or(
                people.postal_key = entry_keys.postal_key and people.house_key = entry_keys.house_key
            ),
            false
        ) as same_house,
        coalesce(bool_or(people.city_key = entry_keys.city_key), false) as same_city,
        coalesce(
            bool_or(people.birth_date is not null and entry_keys.birth_date is not null), false
        ) as birth_date_known
    from (select distinct entry_id, customer_id from compared) as pairs
    inner join entry_keys on pairs.entry_id = entry_keys.entry_id
    inner join people on pairs.customer_id = people.customer_id
    group by pairs.entry_id, pairs.customer_id

),

final as (

    select
        compared.*,
        about_customers.place_known,
        about_customers.same_postal_code,
        about_customers.same_house,
        about_customers.same_city,
        about_customers.birth_date_known
    from compared
    inner join about_customers
        on
            compared.entry_id = about_customers.entry_id
            and compared.customer_id = about_customers.customer_id

)

select distinct * from final
