{#- In which stages a CRM's opportunities were seen, and since when, in the shape of
    `opportunity_changes`: every version that landed says it. `stage`, `changed_at`: expressions over
    the raw table. -#}
{% macro crm_opportunity_changes(source_name, id, stage, changed_at) -%}
    (
        select
            '{{ source_name }}:' || opportunity_id || ':' || stage as change_id,
            '{{ source_name }}:' || opportunity_id as opportunity_id,
            '{{ source_name }}' as source_system,
            'first' as data_party,
            stage,
            min(changed_at) as changed_at
        from (
            select
                {{ id }} as opportunity_id,
                {{ stage }} as stage,
                {{ changed_at }} as changed_at
            from {{ raw(source_name, 'opportunities') }}
            where not coalesce(_deleted, false)
        ) as versions
        where opportunity_id is not null and changed_at is not null
        group by opportunity_id, stage
    ) as crm_opportunity_changes
{%- endmacro %}
