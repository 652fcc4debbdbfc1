with

consents as (select * from {{ ref('consents') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

keys as (select * from {{ ref('int_identity__records') }}),

statements as (

    select
        consents.consent_id,
        person_map.customer_id,
        consents.record_id,
        consents.channel,
        consents.purpose,
        consents.status,
        consents.stated_at,
        consents.evidence,
        consents.contact_point,
        case
            when consents.channel = 'email' or consents.contact_point like '%@%'
                then {{ key_of_email('consents.contact_point') }}
            when consents.channel <> 'post' then {{ key_of_phone('consents.contact_point') }}
        end as contact_point_key
    from consents
    inner join person_map on consents.record_id = person_map.record_id

),

-- the latest statement counts: about a contact point whoever stated it, about all of a person's
-- contact points per record
latest_of_customer as (

    select *
    from (
        select
            *,
            row_number() over (
                partition by
                    customer_id, channel, purpose, coalesce(contact_point_key, record_id)
                order by stated_at desc nulls last, status desc, consent_id asc
            ) as recency
        from statements
    ) as ordered_statements
    where recency = 1

),

latest_of_contact_point as (

    select *
    from (
        select
            *,
            row_number() over (
                partition by channel, purpose, contact_point_key
                order by stated_at desc nulls last, status desc, consent_id asc
            ) as recency
        from statements
        where contact_point_key is not null
    ) as ordered_statements
    where recency = 1

),

customer_contact_points as (

    select
        person_map.customer_id,
        keys.email_key as contact_point_key
    from keys
    inner join person_map on keys.record_id = person_map.record_id
    where keys.email_key is not null
    union
    select
        person_map.customer_id,
        keys.phone_key as contact_point_key
    from keys
    inner join person_map on keys.record_id = person_map.record_id
    where keys.phone_key is not null

),

-- who withdraws an address withdraws it for everybody who uses it; a grant is personal
withdrawn_by_sharers as (

    select
        customer_contact_points.customer_id,
        latest_of_contact_point.channel,
        latest_of_contact_point.purpose,
        latest_of_contact_point.status,
        latest_of_contact_point.stated_at,
        latest_of_contact_point.evidence,
        latest_of_contact_point.contact_point,
        latest_of_contact_point.contact_point_key
    from latest_of_contact_point
    inner join customer_contact_points
        on latest_of_contact_point.contact_point_key = customer_contact_points.contact_point_key
    where latest_of_contact_point.status = 'withdrawn'

),

standing as (

    select
        customer_id,
        channel,
        purpose,
        status,
        stated_at,
        evidence,
        contact_point,
        contact_point_key
    from latest_of_customer
    union all
    select * from withdrawn_by_sharers

),

final as (

    -- between records the most restrictive statement wins
    select
        customer_id,
        channel,
        purpose,
        contact_point_key,
        max(contact_point) as contact_point,
        max(status) as status,
        coalesce(
            min(case when status = 'withdrawn' then stated_at end),
            max(stated_at)
        ) as stated_at,
        {{ text_list("case when status = 'withdrawn' then evidence end", ', ') }}
            as withdrawal_evidence,
        count(*) as statements
    from standing
    group by customer_id, channel, purpose, contact_point_key

)

select * from final
