{#- The record of an account in the old web shop. Its export has no key: website and email are it. -#}
{% macro magento_record_id(website, email) -%}
    'magento:' || {{ dbt.hash("lower(" ~ website ~ ") || '|' || lower(trim(" ~ email ~ "))") }}
{%- endmacro %}
