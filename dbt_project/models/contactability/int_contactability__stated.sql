with

consents as (select * from {{ ref('int_contactability__consents') }}),

dim_customers as (select * from {{ ref('dim_customers') }}),

bounces as (select * from {{ ref('int_contactability__bounces') }}),

customers as (

    select
        customer_id,
        {{ key_of_email('email') }} as email_key,
        {{ key_of_phone('phone') }} as phone_key
    from dim_customers

),

-- a grant is worth something where it can be used: at the golden contact point, or, for email,
-- where the person gave it
usable as (

    select
        consents.*,
        consents.status = 'granted' and (
            consents.contact_point_key is null
            or consents.contact_point_key in (customers.email_key, customers.phone_key)
        ) as is_granted_here,
        consents.status = 'granted' and consents.channel = 'email' as is_granted_somewhere
    from consents
    inner join customers on consents.customer_id = customers.customer_id

),

stated as (

    select
        customer_id,
        channel,
        purpose,
        min(case when status = 'withdrawn' then stated_at end) as withdrawn_at,
        max(case when is_granted_here then stated_at end) as granted_here_at,
        max(case when is_granted_somewhere then stated_at end) as granted_somewhere_at,
        max(case when status = 'expired' then stated_at end) as expired_grant_at,
        max_by(
            case when is_granted_somewhere then contact_point end,
            case when is_granted_somewhere then stated_at end
        ) as granted_contact_point,
        max_by(
            case when is_granted_somewhere then contact_point_key end,
            case when is_granted_somewhere then stated_at end
        ) as granted_contact_point_key
    from usable
    group by customer_id, channel, purpose

),

final as (

    select
        stated.customer_id,
        stated.channel,
        stated.purpose,
        stated.withdrawn_at,
        coalesce(stated.granted_here_at, stated.granted_somewhere_at) as granted_at,
        stated.expired_grant_at,
        case when stated.granted_here_at is null then stated.granted_contact_point end
            as other_contact_point,
        case when bounces.hard_bounced then bounces.last_hard_bounce_at end as hard_bounced_at,
        case when bounces.complained then bounces.first_complaint_at end as complained_at
    from stated
    left join bounces
        on
            stated.granted_contact_point_key = bounces.email_key
            and stated.granted_here_at is null

)

select * from final
