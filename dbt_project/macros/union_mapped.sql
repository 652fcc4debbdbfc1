{#- All rows of one semantic model, as a subquery: the union of map_<source>__<name> for every enabled
    source that dbt_project.yml lists under `vars: mappings`. Columns, their order and types come from
    the contract in the model's yml; with no enabled source the result is empty, with the same columns.
-#}
{% macro union_mapped(name) -%}
    {%- set enabled = enabled_sources() -%}
    {%- set maps = [] -%}
    {%- for source_name in var('mappings')[name] if source_name in enabled -%}
        {%- do maps.append(ref('map_' ~ source_name ~ '__' ~ name)) -%}
    {%- endfor -%}
    {%- set columns = model['columns'].values() | list if execute else [] -%}
    (
    {%- if not columns %}
        select 1 as not_yet_known
    {%- elif not maps %}
        {{ typed_empty(columns) }}
    {%- endif -%}
    {%- for map in maps if columns %}
        select
            {%- for column in columns %}
            cast({{ column['name'] }} as {{ column['data_type'] }}) as {{ column['name'] }}
            {{- ',' if not loop.last }}
            {%- endfor %}
        from {{ map }}
        {{ 'union all' if not loop.last }}
    {%- endfor %}
    ) as mapped
{%- endmacro %}


{#- A select that returns no row but has the given columns ({name, data_type}). -#}
{% macro typed_empty(columns) -%}
        select
            {%- for column in columns %}
                cast(null as {{ column['data_type'] }}) as {{ column['name'] }}
                {{- ',' if not loop.last }}
            {%- endfor %}
        where 1 = 0
{%- endmacro %}
