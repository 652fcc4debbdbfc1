with

statements as (select * from {{ ref('fct_consents') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

keys as (select * from {{ ref('int_identity__records') }}),

latest_of_contact_point as (

    select *
    from (
        select
            *,
            row_number() over (
                partition by channel, purpose, contact_point_key
                order by stated_at desc nulls last, statement desc, consent_id asc
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
    from statements
    where is_standing
    union all
    select * from withdrawn_by_sharers

),

final as (

    -- between records the most restrictive statement wins; an expired one is as good as none
    select
        customer_id,
        channel,
        purpose,
        contact_point_key,
        max(contact_point) as contact_point,
        case
            when bool_or(status = 'withdrawn') then 'withdrawn'
            when bool_or(status = 'granted') then 'granted'
            else 'expired'
        end as status,
        coalesce(
            min(case when status = 'withdrawn' then stated_at end),
            max(case when status = 'granted' then stated_at end),
            max(stated_at)
        ) as stated_at,
        {{ text_list("case when status = 'withdrawn' then evidence end", ', ') }}
            as withdrawal_evidence,
        count(*) as statements
    from standing
    group by customer_id, channel, purpose, contact_point_key

)

select * from final
