{#- An email address: lower case, without blanks; null when it has no shape of an address. Whether an
    address is a role account or a test account is decided in `identity`, not here. -#}
{% macro clean_email(email) -%}
    {%- set address -%} lower({{ replace_all(email, '^\\s*mailto:|\\s', '') }}) {%- endset -%}
    {%- set address = address | trim -%}
    case when {{ matches(address, '^[^@]+@[^@]+[.][^@.]+$') }} then {{ address }} end
{%- endmacro %}
