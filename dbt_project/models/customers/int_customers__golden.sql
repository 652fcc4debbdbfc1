{#- Each attribute of the golden record, its group, and the table where a winning record has it. -#}
{%- set attributes = [
    ('given_name', 'name', 'records'),
    ('middle_name', 'name', 'records'),
    ('family_name', 'name', 'records'),
    ('birth_date', 'birth_date', 'keys'),
    ('gender', 'gender', 'records'),
    ('email', 'email', 'records'),
    ('phone', 'phone', 'records'),
    ('street', 'address', 'records'),
    ('house_number', 'address', 'records'),
    ('postal_code', 'address', 'records'),
    ('city', 'address', 'records'),
    ('country_code', 'address', 'records'),
    ('language', 'language', 'records'),
    ('company', 'company', 'records'),
] -%}
{%- set groups = [
    'name', 'birth_date', 'gender', 'email', 'phone', 'address', 'language', 'company',
] -%}

with

winners as (

    select *
    from {{ ref('int_customers__winners') }}
    where place = 1

),

records as (select * from {{ ref('person_records') }}),

keys as (select * from {{ ref('int_identity__records') }}),

pins as (select * from {{ ref('int_customers__pins') }}),

bridge as (select * from {{ ref('bridge_customer_records') }}),

customers as (

    select
        bridge.customer_id,
        count(*) as record_count,
        min(coalesce(records.created_at, records.updated_at)) as first_seen_at,
        max(records.updated_at) as last_updated_at,
        bool_or(bridge.party_class = 'customer' and not bridge.created_by_kindred)
            as is_customer_somewhere,
        bool_or(bridge.party_class <> 'visitor') as is_known_somewhere
    from bridge
    inner join records on bridge.record_id = records.record_id
    group by bridge.customer_id

),

-- a value that can't be is flagged, and no golden value
winning_records as (

    select
        customer_id,
        {%- for group in groups %}
        max(
            case
                when attribute_group = '{{ group }}' and issue is null and strategy <> 'pinned'
                    then record_id
            end
        ) as {{ group }}_record_id,
        {%- endfor %}
        {%- for group in ['email', 'phone', 'birth_date'] %}
        max(case when attribute_group = '{{ group }}' then issue end) as {{ group }}_issue,
        {%- endfor %}
        max(case when attribute_group = 'address' then updated_at end) as address_updated_at
    from winners
    group by customer_id

),

pinned as (

    select
        customer_id,
        {%- for group in groups %}
        bool_or(attribute_group = '{{ group }}') as has_{{ group }},
        {%- endfor %}
        {%- for attribute, group, _ in attributes %}
        max(case when attribute_group = '{{ group }}' then {{ attribute }} end)
            as {{ attribute }},
        {%- endfor %}
        {{ text_list('attribute_group', ',') }} as pinned_groups
    from pins
    group by customer_id

),

stated as (

    select
        customers.*,
        {%- for attribute, group, table in attributes %}
        {{ group }}_{{ table }}.{{ attribute }} as stated_{{ attribute }},
        {%- endfor %}
        name_keys.given_key,
        name_keys.family_key,
        name_keys.initial,
        email_keys.email_key,
        email_records.email_as_written,
        phone_keys.phone_key,
        address_keys.postal_key,
        address_keys.house_key,
        winning_records.address_updated_at,
        winning_records.email_issue,
        winning_records.phone_issue,
        winning_records.birth_date_issue
    from customers
    left join winning_records on customers.customer_id = winning_records.customer_id
    {%- for group in groups %}
    {%- if group != 'birth_date' %}
    left join records as {{ group }}_records
        on winning_records.{{ group }}_record_id = {{ group }}_records.record_id
    {%- endif %}
    {%- if group in ['name', 'birth_date', 'email', 'phone', 'address'] %}
    left join keys as {{ group }}_keys
        on winning_records.{{ group }}_record_id = {{ group }}_keys.record_id
    {%- endif %}
    {%- endfor %}

),

final as (

    select
        stated.customer_id,
        {%- for attribute, group, _ in attributes %}
        case
            when pinned.has_{{ group }} then pinned.{{ attribute }}
            else stated.stated_{{ attribute }}
        end as {{ attribute }},
        {%- endfor %}
        case
            when pinned.has_name then {{ name_key('pinned.given_name') }}
            else stated.given_key
        end as given_key,
        case
            when pinned.has_name then {{ name_key('pinned.family_name') }}
            else stated.family_key
        end as family_key,
        case
            when pinned.has_name then left({{ name_key('pinned.given_name') }}, 1)
            else stated.initial
        end as initial,
        case when pinned.has_email then {{ key_of_email('pinned.email') }} else stated.email_key end
            as email_key,
        case when pinned.has_email then pinned.email else stated.email_as_written end
            as email_as_written,
        case when pinned.has_phone then {{ key_of_phone('pinned.phone') }} else stated.phone_key end
            as phone_key,
        case
            when pinned.has_address
                then {{ key_of_postal_code('pinned.postal_code', 'pinned.country_code') }}
            else stated.postal_key
        end as postal_key,
        case
            when pinned.has_address then {{ key_of_house_number('pinned.house_number') }}
            else stated.house_key
        end as house_key,
        stated.address_updated_at,
        stated.email_issue,
        stated.phone_issue,
        stated.birth_date_issue,
        pinned.pinned_groups,
        coalesce(pinned.has_address, false) as is_address_pinned,
        stated.record_count,
        stated.first_seen_at,
        stated.last_updated_at,
        stated.is_customer_somewhere,
        stated.is_known_somewhere
    from stated
    left join pinned on stated.customer_id = pinned.customer_id

)

select * from final
