{#- The smallest of several expressions; nulls don't count. -#}
{% macro earliest(values) -%}
    least({{ values | join(', ') }})
{%- endmacro %}
