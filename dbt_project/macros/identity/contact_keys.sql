{#- Keys under which contact points, addresses and birth dates agree. Values arrive cleaned
    (`clean_email`, `clean_phone`, `clean_postal_code`). -#}

{#- Canonical form of an email address: without `+tag`, and without dots at Gmail, which ignores
    them. -#}
{% macro key_of_email(email) -%}
    {%- set untagged = replace_all(email, '[+][^@]*@', '@') -%}
    {%- set gmail = replace_all(untagged, '@googlemail[.]com$', '@gmail.com') -%}
    case
        when {{ gmail }} like '%@gmail.com'
            then replace(split_part({{ gmail }}, '@', 1), '.', '') || '@gmail.com'
        else {{ gmail }}
    end
{%- endmacro %}


{#- Digits of a phone number. -#}
{% macro key_of_phone(phone) -%}
    nullif({{ replace_all(phone, '[^0-9]', '') }}, '')
{%- endmacro %}


{#- Postal code with its country, letters and digits only: `NL|1012AB`. -#}
{% macro key_of_postal_code(postal_code, country_code) -%}
    {%- set compact = replace_all('upper(' ~ postal_code ~ ')', '[^0-9A-Z]', '') -%}
    case when {{ compact }} <> '' then coalesce({{ country_code }}, '') || '|' || {{ compact }} end
{%- endmacro %}


{#- House number, letters and digits only: `12-A` -> `12A`. -#}
{% macro key_of_house_number(house_number) -%}
    nullif({{ replace_all('upper(' ~ house_number ~ ')', '[^0-9A-Z]', '') }}, '')
{%- endmacro %}


{#- A birth date that can be one: in the past, and at most 115 years ago (1900-01-01 stands for
    "unknown" in more systems than not). -#}
{% macro plausible_birth_date(birth_date) -%}
    case
        when {{ birth_date }} <= {{ as_of() }}
            and {{ birth_date }} > {{ as_of() }} - interval '115' year
            then {{ birth_date }}
    end
{%- endmacro %}
