with

winners as (

    select
        customer_id,
        attribute_group,
        record_id
    from {{ ref('int_customers__winners') }}
    where place = 1

),

records as (select * from {{ ref('person_records') }}),

keys as (select * from {{ ref('int_identity__records') }}),

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

winning_records as (

    select
        customer_id,
    {% for group in ['name', 'address', 'email', 'phone', 'birth_date', 'gender', 'language'] %}
    max(case when attribute_group = '{{ group }}' then record_id end) as {{ group }}_record_id
    {{- ',' if not loop.last }}
    {% endfor %}
    from winners
    group by customer_id

),

final as (

    select
        customers.customer_id,
        names.given_name,
        names.middle_name,
        names.family_name,
        name_keys.given_key,
        name_keys.family_key,
        name_keys.initial,
        birth_dates.birth_date,
        genders.gender,
        emails.email,
        emails_keys.email_key,
        phones.phone,
        phone_keys.phone_key,
        addresses.street,
        addresses.house_number,
        addresses.postal_code,
        addresses.city,
        addresses.country_code,
        address_keys.postal_key,
        address_keys.house_key,
        addresses.updated_at as address_updated_at,
        languages.language,
        customers.record_count,
        customers.first_seen_at,
        customers.last_updated_at,
        customers.is_customer_somewhere,
        customers.is_known_somewhere
    from customers
    left join winning_records on customers.customer_id = winning_records.customer_id
    left join records as names on winning_records.name_record_id = names.record_id
    left join keys as name_keys on winning_records.name_record_id = name_keys.record_id
    left join keys as birth_dates on winning_records.birth_date_record_id = birth_dates.record_id
    left join records as genders on winning_records.gender_record_id = genders.record_id
    left join records as emails on winning_records.email_record_id = emails.record_id
    left join keys as emails_keys on winning_records.email_record_id = emails_keys.record_id
    left join records as phones on winning_records.phone_record_id = phones.record_id
    left join keys as phone_keys on winning_records.phone_record_id = phone_keys.record_id
    left join records as addresses on winning_records.address_record_id = addresses.record_id
    left join keys as address_keys on winning_records.address_record_id = address_keys.record_id
    left join records as languages on winning_records.language_record_id = languages.record_id

)

select * from final
