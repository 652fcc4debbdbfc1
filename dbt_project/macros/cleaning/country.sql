{#- Countries as people write them are listed in the seed `country_names`:

        left join countries on countries.written_as = {{ country_key('people.country') }} -#}

{#- A country as the seed writes it: lower case, without dots. -#}
{% macro country_key(country) -%}
    lower(trim(replace({{ country }}, '.', '')))
{%- endmacro %}


{#- ISO code of a record's country: what the seed knows; the default country for an address that names
    none; null for a name that the seed does not know, or when there is no address at all. -#}
{% macro country_or_default(found, written, postal_code) -%}
    coalesce(
        {{ found }},
        case when {{ written }} is null and {{ postal_code }} is not null then {{ default_country() }} end
    )
{%- endmacro %}


{#- ISO code of a country that a source gives as a code; null when it can't be one. -#}
{% macro clean_country_code(code) -%}
    {%- set written -%} upper(trim({{ code }})) {%- endset -%}
    case {{ written | trim }}
        when 'UK' then 'GB'
        when 'EL' then 'GR'
        else {{ extract(written | trim, '^[A-Z]{2}$', 0) }}
    end
{%- endmacro %}
