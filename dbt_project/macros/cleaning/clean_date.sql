{#- A date that was typed in: `1980-03-12`, `12-03-1980`, `12/03/1980` or `12.03.1980` (day first);
    null when it is none of these. -#}
{% macro clean_date(text) -%}
    {{ return(adapter.dispatch('clean_date')(text)) }}
{%- endmacro %}

{% macro duckdb__clean_date(text) -%}
    cast(
        try_strptime({{ text }}, ['%Y-%m-%d', '%d-%m-%Y', '%d/%m/%Y', '%d.%m.%Y']) as date
    )
{%- endmacro %}
