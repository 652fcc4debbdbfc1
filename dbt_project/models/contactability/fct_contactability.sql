{#- The rules, one line each: reason, when it forbids. Their order is the order of the reasons. -#}
{%- set rules = [
    ('deceased', "deceased"),
    ('no_contact_point', "contact_point is null"),
    ('moved', "channel = 'post' and address_lost"),
    ('hard_bounce', "channel = 'email' and hard_bounced"),
    ('complaint', "channel = 'email' and complained"),
    ('minor', "purpose <> 'service' and is_minor"),
    ('do_not_contact', "purpose <> 'service' and is_on_register"),
    ('consent_withdrawn', "is_withdrawn"),
    ('no_consent', "purpose in ('marketing', 'third_party') and not is_granted and not is_withdrawn"),
] -%}

with

dim_customers as (select * from {{ ref('dim_customers') }}),

register_matches as (select * from {{ ref('int_contactability__register_matches') }}),

consents as (select * from {{ ref('int_contactability__consents') }}),

bounces as (select * from {{ ref('int_contactability__bounces') }}),

customers as (

    select
        *,
        {{ key_of_email('email') }} as email_key,
        {{ key_of_phone('phone') }} as phone_key,
        case
            when postal_code is not null and (street is not null or house_number is not null)
                then concat_ws(
                    ', ',
                    nullif(concat_ws(' ', street, house_number), ''),
                    nullif(concat_ws(' ', postal_code, city), ''),
                    country_code
                )
        end as postal_address,
        coalesce(birth_date > {{ as_of() }} - interval '16' year, false) as is_minor
    from dim_customers
    -- a browser that nobody can be reached by needs no rules
    where lifecycle <> 'visitor' or email is not null or phone is not null

),

on_registers as (

    select
        customer_id,
    {% for channel in ['email', 'phone', 'post'] %}
    min(case when channels like '%{{ channel }}%' then effective_on end) as {{ channel }}_since
    {{- ',' if not loop.last }}
    {% endfor %}
    from register_matches
    where register = 'do_not_contact' and outcome = 'matched'
    group by customer_id

),

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

-- what people said, per channel and purpose; a grant is worth something where it can be used
stated as (

    select
        consents.customer_id,
        consents.channel,
        consents.purpose,
        min(case when consents.status = 'withdrawn' then consents.stated_at end) as withdrawn_at,
        max(
            case
                when
                    consents.status = 'granted'
                    and (
                        consents.contact_point_key is null
                        or consents.contact_point_key in (customers.email_key, customers.phone_key)
                    )
                    then consents.stated_at
            end
        ) as granted_at,
        max(case when consents.status = 'granted' then consents.stated_at end)
            as granted_elsewhere_at,
        max_by(
            case when consents.status = 'granted' then consents.contact_point end,
            case when consents.status = 'granted' then consents.stated_at end
        ) as granted_contact_point,
        max_by(
            case when consents.status = 'granted' then consents.contact_point_key end,
            case when consents.status = 'granted' then consents.stated_at end
        ) as granted_contact_point_key
    from consents
    inner join customers on consents.customer_id = customers.customer_id
    group by consents.customer_id, consents.channel, consents.purpose

),

situations as (

    select
        customers.customer_id,
        choices.channel,
        choices.purpose,
        customers.deceased,
        customers.address_lost,
        customers.is_minor,
        customers.deceased_on,
        customers.moved_on,
        customers.first_seen_at,
        -- the golden contact point, unless the person opted in with another one
        case choices.channel
            when 'post' then customers.postal_address
            when 'ads' then coalesce(customers.email, customers.phone)
            else coalesce(
                case
                    when stated.granted_at is null and choices.channel = 'email'
                        then stated.granted_contact_point
                end,
                case choices.channel when 'email' then customers.email else customers.phone end
            )
        end as contact_point,
        case
            when choices.channel = 'email'
                then coalesce(
                    case when stated.granted_at is null then stated.granted_contact_point_key end,
                    customers.email_key
                )
        end as email_key,
        stated.withdrawn_at is not null as is_withdrawn,
        coalesce(
            stated.granted_at,
            case when choices.channel = 'email' then stated.granted_elsewhere_at end
        ) is not null as is_granted,
        stated.withdrawn_at,
        coalesce(stated.granted_at, stated.granted_elsewhere_at) as granted_at,
        case choices.channel
            when 'email' then on_registers.email_since
            when 'phone' then on_registers.phone_since
            when 'sms' then on_registers.phone_since
            when 'post' then on_registers.post_since
        end as on_register_since
    from customers
    cross join choices
    left join stated
        on
            customers.customer_id = stated.customer_id
            and choices.channel = stated.channel
            and choices.purpose = stated.purpose
    left join on_registers on customers.customer_id = on_registers.customer_id

),

reasoned as (

    select
        situations.*,
        coalesce(bounces.hard_bounced, false) as hard_bounced,
        coalesce(bounces.complained, false) as complained,
        situations.on_register_since is not null as is_on_register,
        bounces.last_hard_bounce_at,
        bounces.first_complaint_at
    from situations
    left join bounces on situations.email_key = bounces.email_key

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
                    "case when channel = 'email' and hard_bounced then last_hard_bounce_at end",
                    "case when channel = 'email' and complained then first_complaint_at end",
                    "cast(case when purpose <> 'service' then on_register_since end as timestamp)",
                    "withdrawn_at",
                ]) }},
                granted_at,
                first_seen_at
            ) as date
        ) as since
    from reasoned

)

select * from final
