{#- An address in one line, as a person would write it; null when nothing is known of it. `prefix`:
    what the names of its columns begin with. -#}
{% macro address_line(prefix='') -%}
    nullif(
        concat_ws(
            ', ',
            nullif(concat_ws(' ', {{ prefix }}street, {{ prefix }}house_number), ''),
            nullif(concat_ws(' ', {{ prefix }}postal_code, {{ prefix }}city), ''),
            {{ prefix }}country_code
        ),
        ''
    )
{%- endmacro %}
