{#- Where an opportunity stands, in the words of all sources: qualify, develop, propose or close. -#}
{% macro dynamics365_stage(step_name) -%}
    case left({{ step_name }}, 1)
        when '2' then 'develop'
        when '3' then 'propose'
        when '4' then 'close'
        else 'qualify'
    end
{%- endmacro %}

{% macro salesforce_stage(stage_name) -%}
    case
        when {{ stage_name }} in ('Needs Analysis', 'Value Proposition', 'Id. Decision Makers')
            then 'develop'
        when {{ stage_name }} in ('Perception Analysis', 'Proposal/Price Quote', 'Proposal')
            then 'propose'
        when {{ stage_name }} like 'Negotiation%' or {{ stage_name }} like 'Closed%' then 'close'
        else 'qualify'
    end
{%- endmacro %}
