{#- A phone number in international form, `+31612345678`; null when it can't be one.

    country  expression that gives the ISO country code of the person; where it is null, or unknown
             here, numbers without an international prefix are read in the default country

    `0031 6 ...`, `+31 (0)6 ...`, `06-...` and `31 6 ...` all become the same number. -#}
{% macro clean_phone(phone, country) -%}
    {%- set signs -%} {{ replace_all("replace(" ~ phone ~ ", '(0)', '')", '[^0-9+]', '') }} {%- endset -%}
    {%- set signs = signs | trim -%}
    {%- set code = calling_code(country) -%}
    {%- set international -%}
        case
            when {{ signs }} like '+%' then {{ signs }}
            when {{ signs }} like '00%' then '+' || substr({{ signs }}, 3)
            when {{ signs }} like '0%' then '+' || {{ code }} || substr({{ signs }}, 2)
            when {{ signs }} like {{ code }} || '%' and length({{ signs }}) > 9 then '+' || {{ signs }}
            else '+' || {{ code }} || {{ signs }}
        end
    {%- endset -%}
    {{ extract(international, '^[+][1-9][0-9]{7,14}$', 0) }}
{%- endmacro %}


{#- Calling code of a country, without `+`. -#}
{% macro calling_code(country) -%}
    {%- set codes = {
        'NL': '31', 'BE': '32', 'DE': '49', 'FR': '33', 'GB': '44', 'LU': '352', 'AT': '43',
        'CH': '41', 'IE': '353', 'ES': '34', 'PT': '351', 'IT': '39', 'DK': '45', 'SE': '46',
        'NO': '47', 'FI': '358', 'PL': '48', 'CZ': '420', 'GR': '30', 'US': '1', 'CA': '1',
    } -%}
    {%- set home = env_var('KINDRED_DEFAULT_COUNTRY', 'NL') -%}
    case {{ country }}
    {%- for iso, code in codes.items() if iso != home %} when '{{ iso }}' then '{{ code }}' {%- endfor %}
        else '{{ codes.get(home, "31") }}' end
{%- endmacro %}
