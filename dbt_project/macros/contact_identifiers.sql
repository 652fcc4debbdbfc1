{#- The identifiers that every source has, as a subquery: email and phone of its person records,
    already cleaned. -#}
{% macro contact_identifiers(person_records) -%}
    (
        select
            records.record_id,
            kinds.identifier_type,
            case kinds.identifier_type
                when 'email' then records.email
                when 'phone' then records.phone
            end as identifier_value,
            records.updated_at as seen_at
        from {{ person_records }} as records
        cross join (
            select 'email' as identifier_type
            union all
            select 'phone' as identifier_type
        ) as kinds
    ) as contact_identifiers
{%- endmacro %}
