{#- Contacts of one system that Kindred also writes to, in the shape of `destination_contacts`.
    `is_active`: an expression that is false for one that was put away, as by a merge. -#}
{% macro destination_contacts(source_name, is_active='true') -%}
    (
        select
            '{{ source_name }}:' || contact_id as record_id,
            '{{ source_name }}' as source_system,
            'first' as data_party,
            contact_id as destination_key,
            kindred_id,
            {{ clean_email('held_email') }} as email,
            updated_at is null as created_by_kindred,
            {{ is_active }} as is_active,
            created_at
        from {{ ref('stg_' ~ source_name ~ '__contacts') }}
    ) as destination_contacts
{%- endmacro %}
