{#- Views are replaced in place: one statement instead of create, two renames and a drop. -#}
{% materialization view, adapter='duckdb' -%}
    {%- set target = this.incorporate(type='view') -%}

    {%- call in_place(target) -%}
        {%- call statement('main', auto_begin=True) -%}
            {%- if config.get('contract').enforced -%}
                {{ get_assert_columns_equivalent(sql) }}
            {%- endif %}
            create or replace view {{ target }} as (
                {{ sql }}
            )
        {%- endcall -%}
    {%- endcall -%}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}
