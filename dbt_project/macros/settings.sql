{#- The day the platform believes it is, as a SQL date. -#}
{% macro as_of() -%}
    cast('{{ env_var("KINDRED_AS_OF", run_started_at.strftime("%Y-%m-%d")) }}' as date)
{%- endmacro %}


{#- The sources that are switched on, as a list of names: those in KINDRED_SOURCES, or, when it is
    not set, every source of the mappings except those that dbt_project.yml keeps off by default. -#}
{% macro enabled_sources() -%}
    {%- set built_in = [
        'dynamics365', 'salesforce', 'dealer_erp', 'magento', 'sap_commerce', 'web_events',
        'email_platform', 'registers', 'partners',
    ] -%}
    {{ return(env_var('KINDRED_SOURCES', built_in | join(',')).replace(' ', '').split(',')) }}
{%- endmacro %}


{#- Country code for phones and addresses that name none. -#}
{% macro default_country() -%}
    '{{ env_var("KINDRED_DEFAULT_COUNTRY", "NL") }}'
{%- endmacro %}


{#- Folder of the lake: 'raw' and 'derived' lie below it. -#}
{% macro lake() -%}
    {{ return(env_var('KINDRED_HOME') ~ '/lake') }}
{%- endmacro %}


{#- The date so many days after another one; a negative number goes back. -#}
{% macro days_after(days, date) -%}
    cast({{ dbt.dateadd('day', days, date) }} as date)
{%- endmacro %}


{#- The day so many days before the platform's today. -#}
{% macro days_ago(days) -%}
    {{ days_after(-days, as_of()) }}
{%- endmacro %}


{#- The day so many days after the platform's today. -#}
{% macro days_ahead(days) -%}
    {{ days_after(days, as_of()) }}
{%- endmacro %}
