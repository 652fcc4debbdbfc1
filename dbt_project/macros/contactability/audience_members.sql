{#- Everybody whom an audience names, with what for: `audience, customer_id, channel, purpose`, as a
    subquery. A CRM is also told on which channels it may do marketing: that counts as naming, too. -#}
{% macro audience_members() -%}
    (
        {% for audience in [
            'audience_dynamics365_contacts', 'audience_salesforce_contacts',
            'audience_email_newsletter',
        ] -%}
        select '{{ audience }}' as audience, customer_id, channel, purpose
        from {{ ref(audience) }}
        union all
        {% endfor -%}
        {% for audience, channel, is_told in [
            ('audience_dynamics365_contacts', 'email', 'email_marketing_allowed'),
            ('audience_dynamics365_contacts', 'phone', 'phone_marketing_allowed'),
            ('audience_dynamics365_contacts', 'post', 'post_marketing_allowed'),
            ('audience_salesforce_contacts', 'email', 'not has_opted_out_of_email'),
            ('audience_salesforce_contacts', 'phone', 'not do_not_call'),
        ] -%}
        select '{{ audience }}' as audience, customer_id, '{{ channel }}', 'marketing'
        from {{ ref(audience) }}
        where {{ is_told }}
        {{ 'union all' if not loop.last }}
        {% endfor -%}
    ) as audience_members
{%- endmacro %}
