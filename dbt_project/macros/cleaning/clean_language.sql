{#- ISO 639-1 code of a language: `nl-BE` and `nl_NL` -> `nl`. -#}
{% macro clean_language(language) -%}
    nullif(lower(substr({{ language }}, 1, 2)), '')
{%- endmacro %}
