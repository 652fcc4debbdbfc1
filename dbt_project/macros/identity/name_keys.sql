{#- Keys under which names agree however they were written. They are for comparing, never for
    showing: `Müller`, `Mueller` and `MULLER` share one key, and so do `van der Berg`, `v.d. Berg`,
    `Berg, van der` and `vanderBerg`. -#}

{#- Key of a given or family name: lower case, accents folded, letters only (of any script). -#}
{% macro name_key(name) -%}
    {%- set turned = replace_all('lower(' ~ name ~ ')', '^([^,]+),\\s*(.+)$', '\\2 \\1') -%}
    {%- set untitled = replace_all(
        turned, '^\\s*(mrs?|ms|miss|dr|prof|ir|ing|dhr|mevr|mw|herr|frau|mme|mlle)[.]?\\s+', ''
    ) -%}
    {%- set letters = replace_all(folded(untitled), '[^\\p{L}]', '') -%}
    {%- set particles = replace_all(letters, '^(vander|vanden|vande|vd)', 'vd') -%}
    nullif({{ replace_all(particles, '^van(.{3,})', 'v\\1') }}, '')
{%- endmacro %}


{#- Lower-case text without accents; `ä`, `ae` and `a` become the same letter (so do ö and ü). -#}
{% macro folded(text) -%}
    {%- set expanded = namespace(sql=text) -%}
    {%- for letter, plain in {
        'ß': 'ss', 'æ': 'a', 'œ': 'o', 'ø': 'o', 'ł': 'l', 'ı': 'i', 'đ': 'd', 'ð': 'd', 'þ': 'th'
    }.items() -%}
        {%- set expanded.sql = "replace(" ~ expanded.sql ~ ", '" ~ letter ~ "', '" ~ plain ~ "')" -%}
    {%- endfor -%}
    {{ return(replace_all(without_accents(expanded.sql), '([aou])e', '\\1')) }}
{%- endmacro %}


{#- Text whose letters have lost their accents (`é` -> `e`). -#}
{% macro without_accents(text) -%}
    {{ return(adapter.dispatch('without_accents')(text)) }}
{%- endmacro %}

{% macro duckdb__without_accents(text) -%}
    {{ return('strip_accents(' ~ text ~ ')') }}
{%- endmacro %}


{#- True when a given name is initials only: `J`, `J.`, `J.P.`. -#}
{% macro is_initials(name) -%}
    {{ matches('trim(' ~ name ~ ')', '^([A-Za-zÀ-ÿ]|([A-Za-zÀ-ÿ][.][\\s-]?)+)$') }}
{%- endmacro %}


{#- Similarity of two texts, 0 to 1 (Jaro-Winkler). -#}
{% macro similarity(a, b) -%}
    {{ return(adapter.dispatch('similarity')(a, b)) }}
{%- endmacro %}

{% macro duckdb__similarity(a, b) -%}
    {{ return('jaro_winkler_similarity(' ~ a ~ ', ' ~ b ~ ')') }}
{%- endmacro %}
