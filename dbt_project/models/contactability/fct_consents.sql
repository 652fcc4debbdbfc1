with

consents as (select * from {{ ref('consents') }}),

person_map as (select * from {{ ref('int_identity__person_map') }}),

validity as (select * from {{ ref('consent_validity') }}),

statements as (

    select
        consents.consent_id,
        person_map.customer_id,
        consents.record_id,
        consents.source_system,
        consents.channel,
        consents.purpose,
        consents.contact_point,
        case
            when consents.channel = 'email' or consents.contact_point like '%@%'
                then {{ key_of_email('consents.contact_point') }}
            when consents.channel <> 'post' then {{ key_of_phone('consents.contact_point') }}
        end as contact_point_key,
        consents.status as statement,
        consents.stated_at,
        consents.evidence,
        case
            when consents.status = 'granted' and validity.months is not null
                then cast(
                    {{ dbt.dateadd('month', 'validity.months', 'consents.stated_at') }} as date
                )
        end as expires_on
    from consents
    inner join person_map on consents.record_id = person_map.record_id
    left join validity on consents.purpose = validity.purpose

),

-- the latest statement counts: about a contact point whoever stated it, about all of a person's
-- contact points per record; of two at one moment the withdrawal
ordered_statements as (

    select
        *,
        row_number() over (
            partition by
                customer_id, channel, purpose, coalesce(contact_point_key, record_id)
            order by stated_at desc nulls last, statement desc, consent_id asc
        ) as recency
    from statements

),

final as (

    select
        consent_id,
        customer_id,
        record_id,
        source_system,
        channel,
        purpose,
        contact_point,
        contact_point_key,
        statement,
        stated_at,
        evidence,
        expires_on,
        case when expires_on <= {{ as_of() }} then 'expired' else statement end as status,
        recency = 1 as is_standing
    from ordered_statements

)

select * from final
