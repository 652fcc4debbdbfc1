{#- The distinct values of a group in one text, sorted; null when there is none. -#}
{% macro text_list(value, separator) -%}
    {{ return(adapter.dispatch('text_list')(value, separator)) }}
{%- endmacro %}

{% macro duckdb__text_list(value, separator) -%}
    {{ return("string_agg(distinct " ~ value ~ ", '" ~ separator ~ "' order by " ~ value ~ ")") }}
{%- endmacro %}
