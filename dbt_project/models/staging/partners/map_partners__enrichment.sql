-- One row per fact. Postal codes are written as `person_records` writes them, so that the two meet.
with demographics as (

    select
        *,
        upper(country_code) as iso_country
    from {{ ref('stg_partners__postal_demographics') }}

),

affinity as (

    select
        *,
        upper(country_code) as iso_country
    from {{ ref('stg_partners__brand_affinity') }}

),

policies as (

    select * from {{ ref('stg_partners__insurance_policies') }}

),

attributes as (

    select 'households' as attribute
    union all
    select 'income_index' as attribute
    union all
    select 'urbanity' as attribute
    union all
    select 'family_share' as attribute
    union all
    select 'brand_affinity' as attribute
    union all
    select 'ev_affinity' as attribute
    union all
    select 'insured_product' as attribute
    union all
    select 'insurance_ends_on' as attribute

),

demographic_facts as (

    select
        'third' as data_party,
        'postal_code' as key_type,
        demographics.iso_country || '|'
        || {{ clean_postal_code('postal_code', 'iso_country') }} as key_value,
        attributes.attribute,
        case attributes.attribute
            when 'households' then cast(demographics.households as varchar)
            when 'income_index' then cast(demographics.income_index as varchar)
            when 'urbanity' then demographics.urbanity
            when 'family_share' then cast(demographics.family_share as varchar)
        end as value,
        demographics.valid_from,
        demographics.licensed_until as valid_until,
        cast(demographics.valid_from as varchar) as part
    from demographics
    cross join attributes

),

affinity_facts as (

    select
        'third' as data_party,
        'postal_code' as key_type,
        affinity.iso_country || '|'
        || {{ clean_postal_code('postal_code', 'iso_country') }} as key_value,
        attributes.attribute,
        case attributes.attribute
            when 'brand_affinity' then cast(affinity.brand_affinity as varchar)
            when 'ev_affinity' then cast(affinity.ev_affinity as varchar)
        end as value,
        affinity.valid_from,
        affinity.licensed_until as valid_until,
        cast(affinity.valid_from as varchar) as part
    from affinity
    cross join attributes

),

policy_facts as (

    select
        'second' as data_party,
        'record' as key_type,
        'partners:' || policies.holder_id as key_value,
        attributes.attribute,
        case attributes.attribute
            when 'insured_product' then policies.product
            when 'insurance_ends_on' then cast(policies.ends_on as varchar)
        end as value,
        policies.starts_on as valid_from,
        policies.ends_on as valid_until,
        policies.policy_number as part
    from policies
    cross join attributes

),

facts as (

    select * from demographic_facts
    union all
    select * from affinity_facts
    union all
    select * from policy_facts

),

final as (

    select
        'partners:' || key_value || ':' || attribute || ':' || part as enrichment_id,
        'partners' as source_system,
        data_party,
        key_type,
        key_value,
        attribute,
        value,
        valid_from,
        valid_until
    from facts
    where value is not null

)

select * from final
