-- One row per fact. Postal codes are written as `person_records` writes them, so that the two meet.
with demographics as (

    select
        upper(country_code) as country_code,
        {{ clean_postal_code('postal_code', 'upper(country_code)') }} as postal_code,
        households,
        income_index,
        urbanity,
        family_share,
        valid_from,
        licensed_until
    from {{ ref('stg_partners__postal_demographics') }}

),

affinity as (

    select
        upper(country_code) as country_code,
        {{ clean_postal_code('postal_code', 'upper(country_code)') }} as postal_code,
        brand_affinity,
        ev_affinity,
        valid_from,
        licensed_until
    from {{ ref('stg_partners__brand_affinity') }}

),

policies as (

    select * from {{ ref('stg_partners__insurance_policies') }}

),

facts as (
{% for attribute in ['households', 'income_index', 'urbanity', 'family_share'] %}
    select
        'third' as data_party,
        'postal_code' as key_type,
        country_code || '|' || postal_code as key_value,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as varchar) as value,
        valid_from,
        licensed_until as valid_until,
        '' as part
    from demographics
    where {{ attribute }} is not null

    union all
{% endfor -%}
{% for attribute in ['brand_affinity', 'ev_affinity'] %}
    select
        'third' as data_party,
        'postal_code' as key_type,
        country_code || '|' || postal_code as key_value,
        '{{ attribute }}' as attribute,
        cast({{ attribute }} as varchar) as value,
        valid_from,
        licensed_until as valid_until,
        '' as part
    from affinity
    where {{ attribute }} is not null

    union all
{% endfor %}
    select
        'second' as data_party,
        'record' as key_type,
        'partners:' || holder_id as key_value,
        'insured_product' as attribute,
        product as value,
        starts_on as valid_from,
        ends_on as valid_until,
        ':' || policy_number as part
    from policies
    where product is not null

    union all

    select
        'second' as data_party,
        'record' as key_type,
        'partners:' || holder_id as key_value,
        'insurance_ends_on' as attribute,
        cast(ends_on as varchar) as value,
        starts_on as valid_from,
        ends_on as valid_until,
        ':' || policy_number as part
    from policies
    where ends_on is not null

),

final as (

    select
        'partners:' || key_value || ':' || attribute || part
        || coalesce(':' || cast(valid_from as varchar), '') as enrichment_id,
        'partners' as source_system,
        data_party,
        key_type,
        key_value,
        attribute,
        value,
        valid_from,
        valid_until
    from facts

)

select * from final
