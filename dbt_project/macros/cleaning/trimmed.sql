{#- Text without blanks around it; empty text is null. -#}
{% macro trimmed(text) -%}
    nullif(trim({{ text }}), '')
{%- endmacro %}
