{#- A phone number in international form (E.164), `+31612345678`; null when it can't be one: a number of
    the right length and first digit for its country, after `numbering_plans`.

    country  expression that gives the ISO country code of the person; where it is null, or unknown
             here, numbers without an international prefix are read in the default country

    `0031 6 ...`, `+31 (0)6 ...`, `06-...`, `6 ...` and `31 6 ...` all become the same number; an
    extension (`ext. 12`) is left out. -#}
{% macro clean_phone(phone, country) -%}
    {%- set patterns = [] -%}
    {%- for plan in numbering_plans() -%}
        {%- do patterns.append(plan['code'] ~ '(?:' ~ plan['pattern'] ~ ')') -%}
    {%- endfor -%}
    {{ extract(
        without_trunk_zero(international(signs_of(phone), calling_code(country))),
        '^[+](?:' ~ patterns | join('|') ~ ')$', 0
    ) }}
{%- endmacro %}


{#- The digits of a number as it was typed, and the `+` before them. -#}
{% macro signs_of(phone) -%}
    {%- set extension = '(?i)(;ext=|ext|x|#|tst|toestel|poste|durchwahl)[^0-9]*[0-9]{1,7}#?$' -%}
    {%- set number = replace_all(phone, extension, '') -%}
    {{ return(replace_all("replace(" ~ number ~ ", '(0)', '')", '[^0-9+]', '')) }}
{%- endmacro %}


{#- With `+` and calling code; `signs` are those of `signs_of`, read in the country of `code`. Italy
    keeps the zero of its fixed numbers, and its mobile numbers may begin with its own code. -#}
{% macro international(signs, code) -%}
    {%- set read -%}
        case
            when parts[1] like '+%' then parts[1]
            when parts[1] like '00%' then '+' || substr(parts[1], 3)
            when parts[1] like '011%' and parts[2] = '1' then '+' || substr(parts[1], 4)
            when parts[1] like '0%' and parts[2] <> '39'
                then '+' || parts[2] || substr(parts[1], 2)
            when
                starts_with(parts[1], parts[2])
                and length(parts[1]) > case parts[2] when '39' then 10 else 9 end
                then '+' || parts[1]
            else '+' || parts[2] || parts[1]
        end
    {%- endset -%}
    {{ return(computed_once([signs, code], 'parts', read)) }}
{%- endmacro %}


{#- `+31 06 ...` -> `+31 6 ...`; in Italy the zero belongs to the number. -#}
{% macro without_trunk_zero(number) -%}
    {%- set codes = [] -%}
    {%- for plan in numbering_plans() -%}
        {%- set pattern = '|' ~ plan['pattern'] -%}
        {%- if '|0' not in pattern and '|[0' not in pattern -%}
            {%- do codes.append(plan['code']) -%}
        {%- endif -%}
    {%- endfor -%}
    {{ return(replace_all(number, '^([+](?:' ~ codes | join('|') ~ '))0', '\\1')) }}
{%- endmacro %}


{#- Calling code of a country, without `+`; that of the default country where it is null or unknown. -#}
{% macro calling_code(country) -%}
    {%- set home = env_var('KINDRED_DEFAULT_COUNTRY', 'NL') -%}
    {%- set found = namespace(home='31') -%}
    {%- set branches = [] -%}
    {%- for plan in numbering_plans() -%}
        {%- for iso in plan['countries'] -%}
            {%- do branches.append("when '" ~ iso ~ "' then '" ~ plan['code'] ~ "'") -%}
            {%- if iso == home -%} {%- set found.home = plan['code'] -%} {%- endif -%}
        {%- endfor -%}
    {%- endfor -%}
    {{ return("case " ~ country ~ " " ~ branches | join(' ') ~ " else '" ~ found.home ~ "' end") }}
{%- endmacro %}


{#- The expression `body` over values that are computed once per row: `name[1]`, `name[2]`, ... in it. -#}
{% macro computed_once(values, name, body) -%}
    {{ return(adapter.dispatch('computed_once')(values, name, body)) }}
{%- endmacro %}

{% macro duckdb__computed_once(values, name, body) -%}
    {{ return('list_transform([[' ~ values | join(', ') ~ ']], lambda ' ~ name ~ ': ' ~ body ~ ')[1]') }}
{%- endmacro %}
