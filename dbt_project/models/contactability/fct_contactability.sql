{#- The rules, one line each: reason, when it forbids. Their order is the order of the reasons. -#}
{%- set rules = [
    ('deceased', "deceased"),
    ('no_contact_point', "contact_point is null"),
    ('moved', "channel = 'post' and address_lost"),
    ('hard_bounce', "channel = 'email' and hard_bounced_at is not null"),
    ('complaint', "channel = 'email' and complained_at is not null"),
    ('minor', "purpose <> 'service' and is_minor"),
    ('do_not_contact', "purpose <> 'service' and registered_on is not null"),
    ('consent_withdrawn', "withdrawn_at is not null"),
    ('consent_expired', "needs_a_grant and expired_grant_at is not null"),
    ('no_consent', "needs_a_grant and expired_grant_at is null"),
] -%}

with

facts as (

    select * from {{ ref('int_contactability__facts') }}
    where {{ unless_held('customer_id', "channel = 'email' and purpose = 'service'") }}

),

stated as (select * from {{ ref('int_contactability__stated') }}),

choices as (

    {% for channel in ['email', 'phone', 'sms', 'post', 'ads'] %}
    {%- set outer_last = loop.last %}
    {%- for purpose in ['service', 'marketing', 'profiling', 'third_party'] %}
    select
        '{{ channel }}' as channel,
        '{{ purpose }}' as purpose
    {{ 'union all' if not (outer_last and loop.last) }}
    {%- endfor %}
    {%- endfor %}

),

situations as (

    select
        facts.customer_id,
        facts.fingerprint,
        choices.channel,
        choices.purpose,
        facts.deceased,
        facts.deceased_on,
        facts.address_lost,
        facts.moved_on,
        facts.is_minor,
        facts.first_seen_on,
        stated.withdrawn_at,
        stated.granted_at,
        stated.expired_grant_at,
        choices.purpose in ('marketing', 'third_party')
        and stated.granted_at is null
        and stated.withdrawn_at is null as needs_a_grant,
        -- the golden contact point, unless the person opted in with another one
        case choices.channel
            when 'post' then facts.postal_address
            when 'ads' then coalesce(facts.email, facts.phone)
            when 'email' then coalesce(stated.other_contact_point, facts.email)
            else facts.phone
        end as contact_point,
        case
            when stated.other_contact_point is not null then stated.hard_bounced_at
            else facts.hard_bounced_at
        end as hard_bounced_at,
        case
            when stated.other_contact_point is not null then stated.complained_at
            else facts.complained_at
        end as complained_at,
        case choices.channel
            when 'email' then facts.email_registered_on
            when 'phone' then facts.phone_registered_on
            when 'sms' then facts.phone_registered_on
            when 'post' then facts.post_registered_on
            when 'ads' then facts.ads_registered_on
        end as registered_on
    from facts
    cross join choices
    left join stated
        on
            facts.customer_id = stated.customer_id
            and choices.channel = stated.channel
            and choices.purpose = stated.purpose

),

final as (

    select
        customer_id,
        channel,
        purpose,
        not(
            {% for reason, forbids in rules -%}
            ({{ forbids }}){{ ' or ' if not loop.last }}
            {% endfor -%}
        ) as allowed,
        concat_ws(
            ',',
            {%- for reason, forbids in rules %}
            case when {{ forbids }} then '{{ reason }}' end{{ ',' if not loop.last }}
            {%- endfor %}
        ) as reasons,
        contact_point,
        cast(
            coalesce(
                {{ earliest([
                    "cast(case when deceased then deceased_on end as timestamp)",
                    "cast(case when channel = 'post' and address_lost then moved_on end as timestamp)",
                    "case when channel = 'email' then hard_bounced_at end",
                    "case when channel = 'email' then complained_at end",
                    "cast(case when purpose <> 'service' then registered_on end as timestamp)",
                    "withdrawn_at",
                ]) }},
                granted_at,
                first_seen_on
            ) as date
        ) as since,
        fingerprint
    from situations

)

select * from final
