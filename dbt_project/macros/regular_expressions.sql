{#- Regular expressions: every engine spells them differently. -#}

{#- True when the pattern is found in the text. -#}
{% macro matches(text, pattern) -%}
    {{ return(adapter.dispatch('matches')(text, pattern)) }}
{%- endmacro %}

{% macro duckdb__matches(text, pattern) -%}
    {{ return("regexp_matches(" ~ text ~ ", '" ~ pattern ~ "')") }}
{%- endmacro %}


{#- The text with every place that matches replaced. -#}
{% macro replace_all(text, pattern, replacement) -%}
    {{ return(adapter.dispatch('replace_all')(text, pattern, replacement)) }}
{%- endmacro %}

{% macro duckdb__replace_all(text, pattern, replacement) -%}
    {{ return("regexp_replace(" ~ text ~ ", '" ~ pattern ~ "', '" ~ replacement ~ "', 'g')") }}
{%- endmacro %}


{#- A group of the first match; null when nothing matches. -#}
{% macro extract(text, pattern, group=1) -%}
    {{ return(adapter.dispatch('extract')(text, pattern, group)) }}
{%- endmacro %}

{% macro duckdb__extract(text, pattern, group=1) -%}
    {{ return("regexp_extract_all(" ~ text ~ ", '" ~ pattern ~ "', " ~ group ~ ")[1]") }}
{%- endmacro %}
