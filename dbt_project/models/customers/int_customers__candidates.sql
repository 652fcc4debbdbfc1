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
        records.company,
        records.email_as_written,
        records.phone_as_written,
        records.birth_date_as_written,
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

-- one row per record and group that the record says something about
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
        case when initial is null and family_key is null then 'malformed' end as issue,
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
        {{ address_line() }} as value,
        concat_ws('|', postal_key, house_key) as value_key,
        case when street is not null then 1 else 0 end
        + case when house_number is not null then 1 else 0 end
        + case when postal_code is not null then 1 else 0 end
        + case when city is not null then 1 else 0 end as completeness,
        cast(null as varchar) as issue,
        updated_at
    from customer_records
    where postal_code is not null or (street is not null and city is not null)

),

contact_and_facts as (

    {#- group, value, its key where it is a valid one, what is wrong where it is not -#}
    {% for group, value, key, issue in [
        (
            'email', 'coalesce(email, email_as_written)', 'email_key',
            "case when email is null then 'malformed' else 'shared_or_test' end"
        ),
        (
            'phone', 'coalesce(phone, phone_as_written)', 'phone_key',
            "case when phone is null then 'malformed' else 'shared_or_test' end"
        ),
        (
            'birth_date', 'coalesce(cast(birth_date as varchar), birth_date_as_written)',
            'birth_date', "'impossible'"
        ),
        ('gender', 'gender', 'gender', 'null'),
        ('language', 'language', 'language', 'null'),
        ('company', 'company', 'lower(company)', 'null'),
    ] %}
    select
        customer_id,
        cluster_size,
        record_id,
        source_system,
        '{{ group }}' as attribute_group,
        {{ value }} as value,
        coalesce(cast({{ key }} as varchar), lower({{ value }})) as value_key,
        1 as completeness,
        case when {{ key }} is null then {{ issue }} end as issue,
        updated_at
    from customer_records
    where {{ value }} is not null
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
