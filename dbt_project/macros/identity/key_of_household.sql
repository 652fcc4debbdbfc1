{#- Id of the household at an address: the same address and family name give the same id, on any day
    and in any rebuild; null when the address or the name is not known. -#}
{% macro key_of_household(place_key, family_key) -%}
    'hh_' || left(md5(({{ place_key }}) || '|' || ({{ family_key }})), 16)
{%- endmacro %}
