{#- Whether a row of contact addresses was the contact's at a time: condition of a join. -#}
{% macro held_then(addresses, moment) -%}
    coalesce({{ moment }} >= {{ addresses }}.held_from, true)
    and coalesce({{ moment }} < {{ addresses }}.held_until, true)
{%- endmacro %}
