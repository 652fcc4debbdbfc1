with

records as (select * from {{ ref('person_records') }}),

keys as (select * from {{ ref('int_identity__records') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

customer_records as (

    select
        person_map.customer_id,
        person_map.cluster_size,
        records.record_id,
        records.source_system,
        records.given_name,
        records.middle_name,
        records.family_name,
        records.gender,
        records.email,
        records.phone,
        records.street,
        records.house_number,
        records.postal_code,
        records.city,
        records.country_code,
        records.language,
        records.updated_at,
        keys.given_key,
        keys.family_key,
        keys.initial,
        keys.birth_date,
        keys.email_key,
        keys.phone_key,
        keys.postal_key,
        keys.house_key
    from records
    inner join person_map on records.record_id = person_map.record_id
    inner join keys on records.record_id = keys.record_id

),

-- one row per record and group that the record says something usable about
names as (

    select
        customer_id,
        cluster_size,
        record_id,
        source_system,
        'name' as attribute_group,
        trim(concat_ws(' ', given_name, middle_name, family_name)) as value,
        concat_ws('|', given_key, family_key) as value_key,
        case when given_key is not null then 4 when initial is not null then 2 else 0 end
        + case when family_key is not null then 4 else 0 end
        + case when middle_name is not null then 1 else 0 end as completeness,
        updated_at
    from customer_records
    where given_name is not null or family_name is not null

),

addresses as (

    select
        customer_id,
        cluster_size,
        record_id,
        source_system,
        'address' as attribute_group,
        concat_ws(
            ', ',
            nullif(concat_ws(' ', street, house_number), ''),
            nullif(concat_ws(' ', postal_code, city), ''),
            country_code
        ) as value,
        concat_ws('|', postal_key, house_key) as value_key,
        case when street is not null then 1 else 0 end
        + case when house_number is not null then 1 else 0 end
        + case when postal_code is not null then 1 else 0 end
        + case when city is not null then 1 else 0 end as completeness,
        updated_at
    from customer_records
    where postal_code is not null or (street is not null and city is not null)

),

contact_and_facts as (

    {% for group, column, key in [
        ('email', 'email', 'email_key'),
        ('phone', 'phone', 'phone_key'),
        ('birth_date', 'birth_date', 'birth_date'),
        ('gender', 'gender', 'gender'),
        ('language', 'language', 'language'),
    ] %}
    select
        customer_id,
        cluster_size,
        record_id,
        source_system,
        '{{ group }}' as attribute_group,
        cast({{ column }} as varchar) as value,
        cast({{ key }} as varchar) as value_key,
        1 as completeness,
        updated_at
    from customer_records
    -- the key is null for role accounts, test addresses and impossible values: those can't win
    where {{ key }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}

),

final as (

    select * from names
    union all
    select * from addresses
    union all
    select * from contact_and_facts

)

select * from final
