{#- What belongs in a contact's history: activity, kind, who spoke to whom. A page view doesn't. -#}
{%- set shown = [
    ('order_placed', 'transaction', none),
    ('order_credited', 'transaction', none),
    ('order_delivered', 'transaction', none),
    ('order_cancelled', 'transaction', none),
    ('payment_made', 'transaction', none),
    ('payment_refunded', 'transaction', none),
    ('service_visited', 'transaction', none),
    ('call_completed', 'communication', 'to_contact'),
    ('task_completed', 'communication', 'to_contact'),
    ('lead_created', 'communication', 'from_contact'),
    ('lead_answered', 'communication', 'to_contact'),
    ('survey_answered', 'communication', 'from_contact'),
    ('email_sent', 'communication', 'to_contact'),
    ('email_opened', 'communication', 'from_contact'),
    ('email_clicked', 'communication', 'from_contact'),
    ('email_bounced', 'communication', 'from_contact'),
    ('email_unsubscribed', 'communication', 'from_contact'),
    ('email_complained', 'communication', 'from_contact'),
    ('consent_granted', 'communication', 'from_contact'),
    ('consent_withdrawn', 'communication', 'from_contact'),
] -%}

with

activities as (
    select * from {{ ref('fct_activities') }}
),

contacts as (
    select customer_id from {{ ref('crm_contacts') }}
),

shown as (
    {%- for activity, kind, direction in shown %}
    select
        '{{ activity }}' as activity_type,
        '{{ kind }}' as kind,
        {{ "'" ~ direction ~ "'" if direction else 'null' }} as direction
    {{ 'union all' if not loop.last }}
    {%- endfor %}
),

final as (
    select
        activities.activity_id,
        activities.customer_id,
        shown.kind,
        activities.activity_type,
        shown.direction,
        activities.channel,
        activities.occurred_at,
        activities.amount,
        activities.subject_id,
        activities.detail,
        activities.source_system
    from activities
    inner join shown
        on activities.activity_type = shown.activity_type
    inner join contacts
        on activities.customer_id = contacts.customer_id
)

select * from final
