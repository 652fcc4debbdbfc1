{#- One row per element of a JSON array in a text column, as a struct with the given fields
    (name to type): `select code, {{ json_rows('entries', {...}) }} as entry from orders`. -#}
{% macro json_rows(array, fields) -%}
    {{ return(adapter.dispatch('json_rows')(array, fields)) }}
{%- endmacro %}

{% macro duckdb__json_rows(array, fields) -%}
    unnest(from_json({{ array }}, '[{{ tojson(fields) }}]'))
{%- endmacro %}
