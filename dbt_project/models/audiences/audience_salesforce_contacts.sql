with

people as (
    select * from {{ ref('int_crm__reachable_people') }}
),

final as (
    select
        customer_id,
        salesforce_contact_id,
        given_name,
        family_name,
        email,
        phone,
        birth_date,
        street_line,
        postal_code,
        city,
        country_code,
        not email_marketing_allowed as has_opted_out_of_email,
        not phone_marketing_allowed as do_not_call,
        segments,
        propensity,
        channel,
        purpose
    from people
)

select * from final
