with

people as (
    select * from {{ ref('int_crm__reachable_people') }}
),

final as (
    select
        customer_id,
        dynamics365_contactid,
        given_name,
        middle_name,
        family_name,
        email,
        phone,
        birth_date,
        case gender when 'male' then 1 when 'female' then 2 end as gender_code,
        street_line,
        postal_code,
        city,
        country_code,
        language,
        email_marketing_allowed,
        phone_marketing_allowed,
        post_marketing_allowed,
        segments,
        propensity,
        channel,
        purpose
    from people
)

select * from final
