{#- Name of the company for which somebody speaks; null for what people write where a form insists. -#}
{% macro clean_company(company, family_name) -%}
    case
        when
            lower(trim({{ company }})) not in (
                'private', 'privat', 'particulier', 'none', 'n/a', 'na', '-', '.', '[not provided]'
            )
            and lower(trim({{ company }})) is distinct from lower(trim({{ family_name }}))
            then {{ clean_text(company) }}
    end
{%- endmacro %}
