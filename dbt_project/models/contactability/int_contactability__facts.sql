{#- Whatever decides about a customer stands in one row, so that one fingerprint tells whether the
    customer's rows of fct_contactability are still right. -#}
with

dim_customers as (select * from {{ ref('dim_customers') }}),

register_matches as (select * from {{ ref('int_contactability__register_matches') }}),

registered_points as (select * from {{ ref('int_contactability__registered_points') }}),

bounces as (select * from {{ ref('int_contactability__bounces') }}),

stated as (select * from {{ ref('int_contactability__stated') }}),

customers as (

    select
        customer_id,
        email,
        phone,
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
        deceased,
        deceased_on,
        address_lost,
        moved_on,
        coalesce(birth_date > {{ as_of() }} - interval '16' year, false) as is_minor,
        cast(first_seen_at as date) as first_seen_on
    from dim_customers
    -- a browser that nobody can be reached by needs no rules
    where lifecycle <> 'visitor' or email is not null or phone is not null

),

on_registers as (

    select
        customer_id,
    {% for channel in ['email', 'phone', 'post', 'ads'] %}
    min(case when channels like '%{{ channel }}%' then coalesce(effective_on, recorded_on) end)
        as {{ channel }}_since{{ ',' if not loop.last }}
    {% endfor %}
    from register_matches
    where register = 'do_not_contact' and outcome = 'matched'
    group by customer_id

),

statements as (

    select
        customer_id,
        {{ text_list(
            "concat_ws('|', channel, purpose, 'w', withdrawn_at, 'g', granted_at, 'e', "
            ~ "expired_grant_at, 'o', other_contact_point, 'h', hard_bounced_at, 'c', "
            ~ "complained_at)",
            ';'
        ) }} as all_statements
    from stated
    group by customer_id

),

gathered as (

    select
        customers.*,
        case when bounces.hard_bounced then bounces.last_hard_bounce_at end as hard_bounced_at,
        case when bounces.complained then bounces.first_complaint_at end as complained_at,
        {{ earliest(['on_registers.email_since', 'emails.registered_on']) }}
            as email_registered_on,
        {{ earliest(['on_registers.phone_since', 'phones.registered_on']) }}
            as phone_registered_on,
        on_registers.post_since as post_registered_on,
        on_registers.ads_since as ads_registered_on,
        statements.all_statements
    from customers
    left join bounces on customers.email_key = bounces.email_key
    left join on_registers on customers.customer_id = on_registers.customer_id
    left join registered_points as emails
        on customers.email_key = emails.contact_point_key and emails.channel = 'email'
    left join registered_points as phones
        on customers.phone_key = phones.contact_point_key and phones.channel = 'phone'
    left join statements on customers.customer_id = statements.customer_id

),

final as (

    select
        customer_id,
        email,
        phone,
        postal_address,
        deceased,
        deceased_on,
        address_lost,
        moved_on,
        is_minor,
        first_seen_on,
        hard_bounced_at,
        complained_at,
        email_registered_on,
        phone_registered_on,
        post_registered_on,
        ads_registered_on,
        left(
            md5(
                concat_ws(
                    '|',
                    {%- for column in [
                        'email', 'phone', 'postal_address', 'deceased', 'deceased_on',
                        'address_lost', 'moved_on', 'is_minor', 'first_seen_on',
                        'hard_bounced_at', 'complained_at', 'email_registered_on',
                        'phone_registered_on', 'post_registered_on', 'ads_registered_on',
                        'all_statements',
                    ] %}
                    coalesce(cast({{ column }} as varchar), ''){{ ',' if not loop.last }}
                    {%- endfor %}
                )
            ),
            16
        ) as fingerprint
    from gathered

)

select * from final
