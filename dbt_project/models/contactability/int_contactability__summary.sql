with

contactability as (select * from {{ ref('fct_contactability') }}),

per_reason as (

    select
        channel,
        purpose,
        'allowed' as reason,
        count(*) as customers
    from contactability
    where allowed
    group by channel, purpose
    {% for reason in [
        'deceased', 'no_contact_point', 'moved', 'hard_bounce', 'complaint', 'minor',
        'do_not_contact', 'consent_withdrawn', 'consent_expired', 'no_consent',
    ] %}
    union all
    select
        channel,
        purpose,
        '{{ reason }}' as reason,
        count(*) as customers
    from contactability
    where ',' || reasons || ',' like '%,{{ reason }},%'
    group by channel, purpose
    {% endfor %}

)

select * from per_reason
