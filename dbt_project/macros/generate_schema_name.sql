{#- The schema is exactly what dbt_project.yml says for the folder: no prefix, no target name. -#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}
