{#- Tables are replaced in place, in one transaction: nobody sees half a table, and there is nothing
    to rename or to drop afterwards. -#}
{% materialization table, adapter='duckdb' -%}
    {%- set target = this.incorporate(type='table') -%}

    {%- call in_place(target) -%}
        {%- do replace_table(target, sql) -%}
    {%- endcall -%}

    {{ return({'relations': [target]}) }}
{%- endmaterialization %}


{#- A table with the rows of a query and, where the model has a contract, with its constraints. -#}
{% macro replace_table(target, sql) -%}
    {%- call statement('main', auto_begin=True) -%}
        {%- if config.get('contract').enforced -%}
            {{ get_assert_columns_equivalent(sql) }}
            create or replace table {{ target }} {{ get_table_columns_and_constraints() }};
            insert into {{ target }} {{ get_column_names() }} (
                {{ get_select_subquery(sql) }}
            )
        {%- else -%}
            create or replace table {{ target }} as (
                {{ sql }}
            )
        {%- endif -%}
    {%- endcall -%}
{%- endmacro %}
