{#- Parts of an address. The rules cover what the five countries write; an address that fits no rule
    stays whole in the street, so nothing is lost. A street line is cleaned (`clean_text`) first. -#}

{#- Street of a street line: `Hoofdstraat 12a` -> `Hoofdstraat`, `12 Rue de la Paix` -> `Rue de la
    Paix`. -#}
{% macro street_of(line) -%}
    coalesce(
        {{ extract(line, number_last(), 1) }},
        {{ extract(line, number_first(), 2) }},
        {{ line }}
    )
{%- endmacro %}


{#- House number of a street line, with its addition: `Hoofdstraat 12 a` -> `12A`. -#}
{% macro house_number_of(line) -%}
    {{ clean_house_number(
        "coalesce(" ~ extract(line, number_last(), 2) ~ ", " ~ extract(line, number_first(), 1) ~ ")"
    ) }}
{%- endmacro %}


{#- House number in upper case without blanks. -#}
{% macro clean_house_number(number) -%}
    nullif(upper({{ replace_all(number, '\\s', '') }}), '')
{%- endmacro %}


{#- Postal code as the country writes it: `1012AB` (NL), `SW1A 1AA` (GB), digits only elsewhere on the
    continent (`D-10115` -> `10115`). -#}
{% macro clean_postal_code(code, country) -%}
    {%- set compact = 'upper(' ~ replace_all(code, '\\s', '') ~ ')' -%}
    nullif(
        case
            when {{ country }} = 'GB' and length({{ compact }}) between 5 and 7
                then {{ replace_all(compact, '^(.+)(.{3})$', '\\1 \\2') }}
            else {{ replace_all(compact, '^[A-Z]{1,2}-', '') }}
        end,
        ''
    )
{%- endmacro %}


{#- Pattern: street, then house number with an addition (`12`, `12a`, `12 bis`, `12-3`). -#}
{% macro number_last() -%}
    {{ return('^(.*[^0-9\\s,])[\\s,]+([0-9]+(?:\\s?(?:[A-Za-z]|bis|ter|[-/][0-9A-Za-z]+))?)$') }}
{%- endmacro %}


{#- Pattern: house number, then street (`12 Rue de la Paix`, `7b, High Street`). -#}
{% macro number_first() -%}
    {{ return('^([0-9]+(?:[A-Za-z]|\\s(?:bis|ter))?)[\\s,]+(.+)$') }}
{%- endmacro %}
