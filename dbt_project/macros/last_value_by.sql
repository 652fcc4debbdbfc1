{#- Aggregate: the value of the row with the largest `by`; ties go to the larger value. -#}
{% macro last_value_by(value, by) -%}
    {{ return(adapter.dispatch('last_value_by')(value, by)) }}
{%- endmacro %}

{% macro duckdb__last_value_by(value, by) -%}
    {{ return('max_by(' ~ value ~ ', (' ~ by ~ ', ' ~ value ~ '))') }}
{%- endmacro %}
